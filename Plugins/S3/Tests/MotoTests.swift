import Omnibus
import OmnibusAWS
import OmnibusTesting
import Testing

@testable import S3Plugin

@Suite("s3, against moto", .enabled("skipped: moto cannot be had from PyPI") { MotoServer.isAvailable })
struct MotoTests {
  private static let bucket = """
    import boto3, hashlib, json
    s3 = boto3.client("s3")
    """

  @Test("what is written with signed requests is what boto3 reads, with all that belongs to it")
  func destination() async throws {
    let moto = try await MotoServer(checksSignatures: true)
    _ = try await moto.run(Self.bucket + Self.create)
    let peer = MotoPeer(moto)
    let size = (10 << 20) + 17
    try await peer.send(
      .stream(S3Steps.stream(size)), to: "out/large.bin", [("part_size", "5MiB"), ("metadata", ["ward": "7"])])
    try await peer.send(
      .bytes(Array("id\n1\n".utf8)), to: "out/small.csv",
      [
        ("metadata", ["ward": "7"]), ("tags", ["state": "new"]), ("encryption", "AES256"), ("checksum", "sha256"),
        ("content_type", "text/csv"), ("storage_class", "STANDARD_IA"),
      ])
    let output = try await moto.run(
      Self.bucket + """

        large = s3.get_object(Bucket="care", Key="out/large.bin")
        print(hashlib.sha256(large["Body"].read()).hexdigest(), large["Metadata"]["ward"])
        small = s3.get_object(Bucket="care", Key="out/small.csv", ChecksumMode="ENABLED")
        print(small["Body"].read(), small["ContentType"], small["Metadata"], small["ServerSideEncryption"],
              small["StorageClass"], small["ChecksumSHA256"])
        print(s3.get_object_tagging(Bucket="care", Key="out/small.csv")["TagSet"])
        print(len(s3.list_multipart_uploads(Bucket="care").get("Uploads", [])))
        """)
    let lines = output.split(separator: "\n").map(String.init)
    #expect(lines.count == 4, "\(output)")
    #expect(lines[0] == ObjectStore.hex(sha256(S3Steps.bytes(size))) + " 7")
    #expect(
      lines[1]
        == #"b'id\n1\n' text/csv {'ward': '7'} AES256 STANDARD_IA fN5/tk/YK9FScQzyOOAXuatGwFkkg+3AZ7pPbHX6wQg="#)
    #expect(lines[2] == "[{'Key': 'state', 'Value': 'new'}]")
    #expect(lines[3] == "0")
  }

  @Test("what boto3 has put is taken, moved, tagged and deleted with signed requests")
  func source() async throws {
    let moto = try await MotoServer(checksSignatures: true)
    _ = try await moto.run(
      Self.bucket + Self.create + """

        for prefix in ["move", "tag", "delete"]:
            s3.put_object(Bucket="care", Key=prefix + "/a.csv", Body=b"id\\n1\\n", Metadata={"ward": "7"}, Tagging="a=b")
            s3.put_object(Bucket="care", Key=prefix + "/large", Body=b"x" * 3000000)
        """)
    let peer = MotoPeer(moto)
    let bodies = Recorder<Int>()
    for (prefix, done) in [
      ("move/", ["move": "out/"]), ("tag/", ["tag": ["state": "done"]]), ("delete/", "delete"),
    ] as [(String, Configuration)] {
      let source = try await peer.source(prefix, done, ["stream_above": "1MiB"]) { message in
        #expect(message.headers["x-amz-meta-ward"] == (message.headers["file-name"] == "a.csv" ? "7" : nil))
        bodies.append(try await message.body.collected().count)
      }
      let before = bodies.all.count
      #expect(try await source.settles { bodies.all.count == before + 2 })
      source.stop.signal()
      try await source.task.value
      #expect(source.log.lines.all.isEmpty)
    }
    #expect(bodies.all == [5, 3_000_000, 5, 3_000_000, 5, 3_000_000])
    let output = try await moto.run(
      Self.bucket + """

        print(" ".join(o["Key"] for o in s3.list_objects_v2(Bucket="care")["Contents"]))
        print(s3.get_object(Bucket="care", Key="out/a.csv")["Metadata"],
              s3.get_object_tagging(Bucket="care", Key="out/a.csv")["TagSet"])
        print(sorted(t["Key"] + t["Value"] for t in s3.get_object_tagging(Bucket="care", Key="tag/a.csv")["TagSet"]))
        """)
    #expect(
      output == """
        out/a.csv out/large tag/a.csv tag/large
        {'ward': '7'} [{'Key': 'a', 'Value': 'b'}]
        ['ab', 'statedone']

        """)
  }

  @Test("a bucket that is not there, and keys that are not known, keep a source from starting")
  func wrong() async throws {
    let moto = try await MotoServer(checksSignatures: true)
    let missing = await #expect(throws: Failure.self) {
      _ = try await MotoPeer(moto).source("in/", "delete") { _ in }
    }
    #expect(missing?.reason.contains("404 NoSuchBucket") == true)
    let unknown = await #expect(throws: Failure.self) {
      _ = try await MotoPeer(moto, secretKey: "wrong").source("in/", "delete") { _ in }
    }
    #expect(unknown?.kind == .unauthorized, "\(unknown.map(\.description) ?? "")")
  }

  @Test("addresses and signatures of odd keys are those that botocore makes", arguments: [true, false])
  func signatures(isPath: Bool) async throws {
    let interpreter = try #require(MotoServer.interpreter)
    let store = try ObjectStore()
    store.fail { _ in .answer("") }
    let steps = S3Steps(store: store)
    // Names below localhost are 127.0.0.1, too.
    let url = store.url.replacing("127.0.0.1", with: "localhost")
    for key in Keys.odd {
      try await steps.send(
        .bytes([1]), to: "${ headers.key }", [("path_style", "\(isPath)"), ("endpoint", "\(url)")],
        headers: ["key": key])
    }
    var listed: [Value] = []
    for (request, key) in zip(store.requests.all, Keys.odd) {
      listed.append(
        .map(
          ValueMap([
            ("key", .string(key)), ("target", .string(request.target)),
            ("headers", .map(ValueMap(request.headers.map { ($0.key, .string($0.value)) }))),
          ])))
    }
    #expect(listed.count == Keys.odd.count)
    let folder = TemporaryDirectory()
    folder.write("requests.json", try Value.list(listed).jsonBytes())
    let output = try PythonPackages.output(
      interpreter, ["-c", Self.recompute, "\(folder.path)/requests.json", url, isPath ? "path" : "virtual"])
    #expect(output == "\(Keys.odd.count) of \(Keys.odd.count)\n")
  }

  private static let create = """

    s3.create_bucket(Bucket="care", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    """

  private static let recompute = #"""
    import json, sys
    import boto3
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.config import Config
    from botocore.credentials import Credentials
    from urllib.parse import urlsplit

    seen = []
    client = boto3.client("s3", endpoint_url=sys.argv[2], region_name="eu-central-1", aws_access_key_id="AKIDEXAMPLE",
                          aws_secret_access_key="secret", config=Config(s3={"addressing_style": sys.argv[3]}))
    class Stop(Exception): pass
    def keep(request, **_):
        seen.append(request.url)
        raise Stop
    client.meta.events.register("before-send.s3.PutObject", keep)

    right = 0
    requests = json.load(open(sys.argv[1]))
    for one in requests:
        try: client.put_object(Bucket="care-test", Key=one["key"], Body=b"\1")
        except Stop: pass
        parts = urlsplit(seen[-1])
        ours = one["headers"]["host"] + one["target"]
        if parts.netloc + parts.path != ours:
            print("address", ours, "expected", parts.netloc + parts.path)
            continue
        signed = one["headers"]["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
        request = AWSRequest("PUT", parts.scheme + "://" + ours, headers={n: one["headers"][n] for n in signed})
        request.context["timestamp"] = one["headers"]["x-amz-date"]
        auth = S3SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "s3", "eu-central-1")
        canonical = auth.canonical_request(request)
        signature = auth.signature(auth.string_to_sign(request, canonical), request)
        if not one["headers"]["authorization"].endswith("Signature=" + signature):
            print("signature", one["key"])
            continue
        right += 1
    print(right, "of", len(requests))
    """#
}
