import Omnibus
import OmnibusTesting
import Testing

@testable import S3Plugin

@Suite("s3, a source with trouble") struct SourceFaultTests {
  let store: ObjectStore

  init() throws { store = try ObjectStore() }

  @Test(
    "an object that is cut short or changed on its way fails, is not moved, and comes again",
    arguments: [
      (ObjectStore.Fault.truncate(1000), "16MiB"), (.truncate(1000), "1KiB"), (.corrupt, "16MiB"), (.corrupt, "1KiB"),
      (.error(503, "SlowDown"), "16MiB"), (.error(503, "SlowDown"), "1KiB"),
    ])
  func damaged(fault: ObjectStore.Fault, streamAbove: String) async throws {
    let bytes = S3Steps.bytes(100_000)
    store.put("in/a", bytes)
    store.fail("get", first: 2, fault)
    let bodies = Recorder<[UInt8]>()
    let failures = Recorder<Failure>()
    let source = try await RunningS3(
      store, [("stream_above", "\(streamAbove)"), ("failed", ["move": "failed/"])]
    ) { message in
      do { bodies.append(try await message.body.collected()) } catch {
        failures.append(Failure(error))
        throw error
      }
    }
    #expect(try await source.settles { store.keys == ["out/a"] })
    #expect(bodies.all == [bytes])
    #expect(failures.all.allSatisfy { $0.kind == .unavailable })
    #expect(source.messages == Array(repeating: "an object cannot be taken, trying again", count: 2))
    try await source.end()
  }

  @Test("what came damaged is not done, even where the route has handled the failure")
  func handledDamage() async throws {
    store.put("in/a", S3Steps.bytes(100_000))
    store.fail("get", .truncate(1000))
    let count = Recorder<Int>()
    let source = try await RunningS3(store, [("stream_above", "1KiB")]) { message in
      count.append((try? await message.body.collected().count) ?? 0)
    }
    #expect(try await source.settles { store.keys == ["out/a"] })
    #expect(count.all == [0, 100_000])
    try await source.end()
  }

  @Test(
    "checksums that the store tells are held against the bytes",
    arguments: [
      ("crc32c", "3Gx5ag==", "3Gx5aw=="), ("crc32", "zVvpDw==", "zVvpDg=="),
      ("crc64nvme", "XYdxzFQ4ubE=", "AAAAAAAAAAA="),
      ("sha1", "2goy50XSydhJo2rUCtG0RIZ0sbQ=", ""), ("sha256", "fN5/tk/YK9FScQzyOOAXuatGwFkkg+3AZ7pPbHX6wQg=", "AAAA"),
    ])
  func checksums(name: String, right: String, wrong: String) throws {
    let text = Array("id\n1\n".utf8)
    func holds(_ value: String, _ more: Headers = Headers()) -> Bool? {
      var headers = more
      headers["x-amz-checksum-\(name)"] = value
      var check = ObjectCheck(headers)
      check?.update(Array(text[..<2]))
      check?.update(Array(text[2...]))
      return check?.holds()
    }
    #expect(holds(right) == true)
    #expect(holds(wrong) == false)
    // That of parts says nothing of the whole, but the tag may.
    #expect(holds(wrong, ["x-amz-checksum-type": "COMPOSITE"]) == nil)
    #expect(
      holds(wrong, ["x-amz-checksum-type": "COMPOSITE", "etag": ObjectStore.etag(text)]) == true)
    #expect(
      holds(
        wrong,
        [
          "x-amz-checksum-type": "COMPOSITE", "etag": ObjectStore.etag(text), "x-amz-server-side-encryption": "aws:kms",
        ]) == nil)
  }

  @Test("a bucket that cannot be listed for a while is told once, and again when it can be")
  func unlistable() async throws {
    let source = try await RunningS3(store) { _ in }
    try await source.looks(1, at: store)
    store.fail { _ in .error(503, "SlowDown") }
    try await source.looks(3, at: store)
    store.fail { _ in nil }
    store.put("in/a", "1")
    #expect(try await source.settles { store.keys == ["out/a"] })
    #expect(source.messages == ["objects cannot be looked for, trying again", "objects can be looked for again"])
    try await source.end()
  }

  @Test(
    "what is wrong with bucket or credentials keeps a source from starting, and what passes does not",
    arguments: [
      (404, "NoSuchBucket", false), (403, "AccessDenied", false), (400, "ExpiredToken", false), (503, "SlowDown", true),
      (500, "InternalError", true),
    ])
  func prepare(status: Int, code: String, starts: Bool) async throws {
    store.fail { _ in .error(status, code) }
    let source = try RunningS3.source(store, [], .testing(services: store.services))
    if starts {
      try await source.prepare()
    } else {
      let failure = await #expect(throws: Failure.self) { try await source.prepare() }
      #expect(failure?.reason.contains("cannot list the bucket care-test: s3 answered \(status) \(code)") == true)
    }
  }

  @Test(
    "what was worked on and cannot be moved is not delivered again, and no other is taken until it is",
    arguments: [
      ObjectStore.Fault.error(503, "SlowDown"), .error(403, "AccessDenied"),
      .answer("<Error><Code>InternalError</Code></Error>"), .answer("nonsense"),
    ])
  func owed(fault: ObjectStore.Fault) async throws {
    store.put("in/a", "1")
    store.put("in/b", "2")
    store.fail("copy", first: 3, fault)
    let keys = Recorder<String>()
    let source = try await RunningS3(store) { keys.append($0.headers["s3-key"] ?? "") }
    #expect(try await source.settles { source.messages.count == 2 })
    #expect(keys.all == ["in/a"])
    #expect(try await source.settles { store.keys == ["out/a", "out/b"] })
    #expect(keys.all == ["in/a", "in/b"])
    #expect(source.messages == Array(repeating: "an object cannot be moved on, trying again", count: 3))
    try await source.end()
  }

  @Test(
    "lists that make no sense are no end of the source",
    arguments: [
      "", "nonsense", "<a/>", "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
      "<ListBucketResult><Contents><Key>in/x</Key></Contents></ListBucketResult>",
      "<ListBucketResult><Contents><Key>in/x</Key><Size>-1</Size></Contents></ListBucketResult>",
      "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>in/%</Key><Size>1</Size></Contents></ListBucketResult>",
      "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>in/%FF</Key><Size>1</Size></Contents></ListBucketResult>",
      "<!DOCTYPE x [<!ENTITY a \"b\">]><ListBucketResult>&a;</ListBucketResult>",
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>",
      String(repeating: "<ListBucketResult>", count: 10_000),
    ])
  func hostileLists(answer: String) async throws {
    let source = try await RunningS3(store) { _ in }
    try await source.looks(1, at: store)
    store.fail { $0.action == "list" ? .answer(answer) : nil }
    #expect(try await source.settles { !source.messages.isEmpty })
    try await source.looks(2, at: store)
    store.fail { _ in nil }
    store.put("in/a", "1")
    #expect(try await source.settles { store.keys == ["out/a"] })
    #expect(source.messages.first == "objects cannot be looked for, trying again")
    try await source.end()
  }

  @Test("an object that is worked on when the source is cancelled stays")
  func cancelled() async throws {
    store.put("in/a", "1")
    let taken = Recorder<Int>()
    let source = try await RunningS3(store) { _ in
      taken.append(1)
      // The time of this clock stands still.
      try await ManualClock().sleep(for: .seconds(1000))
    }
    await taken.wait(for: 1)
    await source.cancel()
    #expect(store.keys == ["in/a"])
    #expect(source.messages.isEmpty)
  }
}

extension Body {
  /// All bytes; a stream is read.
  func collected() async throws -> [UInt8] {
    switch self {
    case .empty: []
    case .bytes(let bytes): bytes
    case .document(let document): try document.serialize()
    case .stream(let stream): try await stream.collect(limit: 1 << 30)
    }
  }
}
