import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import S3Plugin

@Suite("s3, as a destination") struct S3DestinationTests {
  let store: ObjectStore
  let steps: S3Steps

  init() throws {
    store = try ObjectStore()
    steps = S3Steps(store: store)
  }

  @Test("a body becomes an object, with its type and a checksum, and the message goes on as it was")
  func put() async throws {
    let message = try await steps.send(
      .bytes(Array("id\n1\n".utf8)), to: "in/${ headers.name }", headers: ["name": "a.csv", "content-type": "text/csv"])
    #expect(store.text("in/a.csv") == "id\n1\n")
    #expect(store["in/a.csv"]?.headers["content-type"] == "text/csv")
    #expect(store["in/a.csv"]?.headers["x-amz-checksum-crc32c"] == "3Gx5ag==")
    #expect(store.actions == ["put in/a.csv"])
    #expect(try message.bodyBytes() == Array("id\n1\n".utf8))
    #expect(message.properties["keep"] == nil)
  }

  @Test("an empty body becomes an empty object")
  func empty() async throws {
    try await steps.send(.empty)
    #expect(store["a.bin"]?.bytes == [])
  }

  @Test("metadata, tags, encryption and storage class go with the object", arguments: [false, true])
  func fields(inParts: Bool) async throws {
    let options: [(String, Configuration)] = [
      ("metadata", ["Source": "${ headers.name }", "empty": "${ '' }"]), ("tags", ["state": "new & shiny"]),
      ("encryption", "aws:kms"), ("kms_key", "alias/care"), ("storage_class", "STANDARD_IA"),
      ("content_type", "text/x-${ headers.name }"), ("part_size", "5MiB"),
    ]
    let body = [UInt8](repeating: 1, count: inParts ? 6 << 20 : 10)
    try await steps.send(.bytes(body), options, headers: ["name": "ward", "content-type": "text/csv"])
    let object = try #require(store["a.bin"])
    #expect(object.size == body.count)
    #expect(object.headers["x-amz-meta-source"] == "ward" && object.headers["x-amz-meta-empty"] == "")
    #expect(object.headers["x-amz-server-side-encryption"] == "aws:kms")
    #expect(object.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/care")
    #expect(object.headers["x-amz-storage-class"] == "STANDARD_IA")
    #expect(object.headers["content-type"] == "text/x-ward")
    #expect(object.tags == "state=new%20%26%20shiny")
  }

  @Test("SHA-256 goes with the object where it is asked for, and nothing where nothing is")
  func checksums() async throws {
    try await steps.send(.bytes([1, 2, 3]), to: "a", [("checksum", "sha256")])
    #expect(store["a"]?.headers["x-amz-checksum-sha256"] == "A5BYxvLAy0ksUzsKTRTvd8wPeKvMztUofYShogEc+4E=")
    try await steps.send(.bytes([1, 2, 3]), to: "b", [("checksum", "none")])
    #expect(store["b"]?.headers.keys.contains { $0.hasPrefix("x-amz-checksum") } == false)
  }

  @Test("a stream that fits into a part is sent at once", arguments: [nil, 1_000_000])
  func smallStream(length: Int?) async throws {
    try await steps.send(.stream(S3Steps.stream(1_000_000, length: length)))
    #expect(store["a.bin"]?.bytes == S3Steps.bytes(1_000_000))
    #expect(store.actions == ["put a.bin"])
  }

  @Test(
    "a longer body is sent in parts, whose checksums and that of the whole the store is told",
    arguments: ["bytes", "stream", "stream of known length"])
  func parts(kind: String) async throws {
    let count = (5 << 20) + 1000
    let body: Body =
      switch kind {
      case "bytes": .bytes(S3Steps.bytes(count))
      case "stream": .stream(S3Steps.stream(count))
      default: .stream(S3Steps.stream(count, length: count))
      }
    try await steps.send(body, [("part_size", "5MiB")])
    #expect(store["a.bin"]?.size == count && store.uploads == 0)
    #expect(store.actions.sorted() == ["begin a.bin", "complete a.bin", "part a.bin", "part a.bin"])
    let requests = store.requests.all
    #expect(requests.first?.headers["x-amz-checksum-algorithm"] == "CRC32C")
    #expect(requests.first?.headers["x-amz-checksum-type"] == "FULL_OBJECT")
    var whole = CyclicCheckText()
    whole.update(S3Steps.bytes(count))
    #expect(requests.last?.headers["x-amz-checksum-crc32c"] == whole.text)
    #expect(requests.filter { $0.action == "part" }.allSatisfy { $0.headers["x-amz-checksum-crc32c"] != nil })
  }

  @Test("a body of just so many parts has no empty part behind them", arguments: [1, 2])
  func evenParts(count: Int) async throws {
    try await steps.send(.stream(S3Steps.stream(count * (5 << 20), piece: 1 << 20)), [("part_size", "5MiB")])
    #expect(store["a.bin"]?.size == count * (5 << 20))
    #expect(store.requests.all.filter { $0.action == "part" }.count == (count == 1 ? 0 : 2))
  }

  @Test("no more parts are under way than the route allows")
  func bounded() async throws {
    let (begun, gate) = (Recorder<Int>(), Semaphore())
    store.fail { request in
      guard request.action == "part" else { return nil }
      begun.append(1)
      gate.wait()
      return nil
    }
    let steps = steps
    let task = Task {
      try await steps.send(.stream(S3Steps.stream(26 << 20)), [("part_size", "5MiB"), ("parts_in_flight", 2)])
    }
    for count in 2...6 {
      await begun.wait(for: count)
      #expect(try await !eventually(within: .milliseconds(100)) { begun.all.count > count })
      gate.signal()
    }
    gate.signal()
    _ = try await task.value
    #expect(store["a.bin"]?.size == 26 << 20)
  }

  @Test("parts that are done in another order are put together in theirs, and so is their checksum")
  func otherOrder() async throws {
    let (count, gate) = (18 << 20, Semaphore())
    store.fail { request in
      if request.action == "part", request.query["partNumber"] == "1" { gate.wait() }
      return nil
    }
    let steps = steps
    let task = Task {
      try await steps.send(.stream(S3Steps.stream(count)), [("part_size", "5MiB"), ("parts_in_flight", 4)])
    }
    // The first is not taken before the others were.
    #expect(try await eventually { store.actions.count == 4 })
    gate.signal()
    _ = try await task.value
    let requests = store.requests.all
    #expect(requests.filter { $0.action == "part" }.last?.query["partNumber"] == "1")
    #expect(store["a.bin"]?.size == count && store.uploads == 0)
    var whole = CyclicCheckText()
    whole.update(S3Steps.bytes(count))
    #expect(requests.last?.headers["x-amz-checksum-crc32c"] == whole.text)
  }

  @Test(
    "an object is written only where there is none, or in the place of the one that is named", arguments: [10, 6 << 20])
  func conditions(size: Int) async throws {
    let body = Body.bytes([UInt8](repeating: 1, count: size))
    let none: [(String, Configuration)] = [("if_none_match", "*"), ("part_size", "5MiB")]
    try await steps.send(body, none)
    let refused = try #require(await steps.failure(body, none))
    #expect(refused.kind == .rejected && refused.reason == "s3 answered 412 PreconditionFailed (request REQUEST1)")
    #expect(store.uploads == 0)
    let tag = try #require(store["a.bin"]?.etag).filter { $0 != "\"" }
    try await steps.send(body, [("if_match", "\(tag)"), ("part_size", "5MiB")])
    let other = try #require(await steps.failure(body, [("if_match", "0123"), ("part_size", "5MiB")]))
    #expect(other.kind == .rejected)
  }

  @Test("keys may hold every character", arguments: Keys.odd)
  func keys(key: String) async throws {
    try await steps.send(.bytes([1]), to: "${ headers.key }", headers: ["key": key])
    #expect(store.keys == [key])
  }

  @Test("a key that is empty or too long is invalid, and so are fields that cannot go out as they are")
  func invalid() async throws {
    let long = try await steps.failure(.empty, to: "${ '\(String(repeating: "é", count: 513))' }")
    #expect(long?.description == "invalid: no object has the key: it has more than 1024 bytes")
    let empty = try await steps.failure(.empty, to: "${ '' }")
    #expect(empty?.kind == .invalid)
    let type = try await steps.failure(.empty, [("content_type", "${ 'text/ä' }")])
    #expect(type?.kind == .invalid)
    let metadata = try await steps.failure(.empty, [("metadata", ["a": "${ 'x\\r\\ny: z' }"])])
    #expect(metadata?.reason == "the metadata a holds characters other than those of ASCII that can be seen")
    let large = try await steps.failure(.empty, [("metadata", ["a": "\(String(repeating: "x", count: 2048))"])])
    #expect(large?.reason == "the object has 2049 bytes of metadata, expected at most 2048")
    #expect(store.actions.isEmpty)
  }

  @Test(
    "options that do not go together are refused when the route is loaded",
    arguments: [
      ("kms_key", "a", "kms_key has no meaning without encryption: aws:kms"),
      ("bucket", "Not_A_Bucket", "is no name of a bucket: 3 to 63 small letters, digits, hyphens and dots"),
      ("part_size", "1MiB", "must be 5MiB to 5GiB"), ("if_none_match", "x", "is \"*\", for any object"),
      ("storage_class", "cold", "is no storage class such as STANDARD_IA"), ("key", "\"\"", "no object has the key"),
    ])
  func options(name: String, value: String, expected: String) throws {
    let value = value == "\"\"" ? Configuration(stringLiteral: "") : Configuration(stringLiteral: value)
    let problems = #expect(throws: Diagnostics.self) { try steps.step("a", [(name, value)]) }
    #expect(problems?.all.contains { $0.message.contains(expected) || $0.message.contains("takes") } == true)
  }
}
