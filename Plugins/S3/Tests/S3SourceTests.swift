import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Synchronization
import Testing

@testable import S3Plugin

@Suite("s3, as a source") struct S3SourceTests {
  let store: ObjectStore

  init() throws { store = try ObjectStore() }

  @Test("an object becomes a message, and is moved when that is done")
  func moved() async throws {
    store.put("in/2026/a.csv", "id\n1\n", headers: ["x-amz-meta-ward": "7", "content-type": "binary/octet-stream"])
    store.put("other/b.csv", "not for us")
    store.put("in/", "")
    let messages = Recorder<Message>()
    let source = try await RunningS3(store) { messages.append($0) }
    let message = try #require(await messages.wait(for: 1).first)
    #expect(try message.bodyBytes() == Array("id\n1\n".utf8))
    #expect(message.headers["file-name"] == "a.csv" && message.contentType == "text/csv")
    #expect(message.headers["s3-bucket"] == ObjectStore.bucket && message.headers["s3-key"] == "in/2026/a.csv")
    #expect(message.headers["s3-size"] == "5" && message.headers["s3-etag"]?.count == 32)
    #expect(message.headers["x-amz-meta-ward"] == "7")
    let known = message.properties["s3"]
    #expect(known?.member("key")?.string == "in/2026/a.csv" && known?.member("name")?.string == "a.csv")
    #expect(known?.member("size")?.int == 5 && known?.member("metadata")?.member("ward")?.string == "7")
    #expect(known?.member("modified") != nil)
    #expect(try await source.settles { store.keys == ["in/", "other/b.csv", "out/2026/a.csv"] })
    #expect(store.text("out/2026/a.csv") == "id\n1\n")
    try await source.end()
    #expect(messages.all.count == 1)
  }

  @Test("objects are deleted or tagged where a route says so; those with the tags are not taken again")
  func otherEnds() async throws {
    store.put("in/a", "1")
    let deleting = try await RunningS3(store, [("done", "delete")]) { _ in }
    #expect(try await deleting.settles { store.keys.isEmpty })
    try await deleting.end()

    store.put("in/b", "2")
    store.state.withLock { $0.objects["in/b"]?.tags = "kept=yes&state=new" }
    let count = Recorder<String>()
    for _ in 1...2 {
      let tagging = try await RunningS3(store, [("done", ["tag": ["state": "done"]])]) { _ in count.append("b") }
      #expect(try await tagging.settles { store["in/b"]?.tags == "kept=yes&state=done" })
      try await tagging.looks(3, at: store)
      try await tagging.end()
    }
    #expect(count.all == ["b"])
    // One look at the tags for each of the sources, and one more to change them.
    #expect(store.requests.all.filter { $0.action == "tags" }.count == 3)
  }

  @Test("only what ends in the suffix is taken")
  func suffix() async throws {
    for key in ["in/a.csv", "in/b.csv.part", "in/.csv", "in/c.CSV", "inother.csv"] { store.put(key, "1") }
    let names = Recorder<String>()
    let source = try await RunningS3(store, [("suffix", ".csv")]) { names.append($0.headers["s3-key"] ?? "") }
    try await source.looks(3, at: store)
    try await source.end()
    #expect(names.all == ["in/.csv", "in/a.csv"])
  }

  @Test(
    "an object whose message failed stays, and comes again after longer and longer waits; one that was replaced at once"
  )
  func left() async throws {
    store.put("in/a", "bad")
    let times = Recorder<UInt64>()
    let bodies = Recorder<[UInt8]>()
    let clock = Recorder<ManualClock>()
    let source = try await RunningS3(store, [("poll", "10s")]) {
      times.append(clock.all.first?.now ?? 0)
      bodies.append(try $0.bodyBytes())
      #expect($0.delivery?.attempt == bodies.all.count)
      if bodies.all.count < 4 { throw Failure(.unavailable, "not now") }
    }
    clock.append(source.clock)
    #expect(try await source.settles { store.keys == ["out/a"] })
    let waits = zip(times.all, times.all.dropFirst()).map { ($1 - $0) / 1_000_000_000 }
    #expect(waits.count == 3 && waits[0] >= 10 && waits[1] >= 20 && waits[2] >= 40, "\(waits)")
    let line = try #require(source.log.lines.all.first)
    #expect(
      line.message == "an object failed" && line.fields["failure"] == "unavailable" && line.fields["key"] == "in/a")
    try await source.end()
  }

  @Test("an object that failed and was replaced is taken at the next look")
  func replaced() async throws {
    store.put("in/a", "bad")
    let bodies = Recorder<[UInt8]>()
    let source = try await RunningS3(store, [("poll", "10s")]) {
      bodies.append(try $0.bodyBytes())
      if bodies.all.count < 2 { throw Failure(.invalid, "no") }
    }
    await bodies.wait(for: 1)
    #expect(try await eventually { !source.messages.isEmpty })
    store.put("in/a", "good")
    try await source.looks(1, at: store)
    #expect(try await source.settles { store.text("out/a") == "good" })
    try await source.end()
  }

  @Test("an object whose message failed is moved where a route says so")
  func failed() async throws {
    store.put("in/a", "bad")
    store.put("in/b", "good")
    let source = try await RunningS3(store, [("failed", ["move": "failed/"])]) {
      if try $0.bodyBytes() == Array("bad".utf8) { throw Failure(.rejected, "no") }
    }
    #expect(try await source.settles { store.keys == ["failed/a", "out/b"] })
    try await source.end()
  }

  @Test("an object whose message failed by what may pass is moved only after so many attempts")
  func attempts() async throws {
    store.put("in/a", "bad")
    let attempts = Recorder<Int>()
    let source = try await RunningS3(store, [("failed", ["move": "failed/"]), ("attempts", "2")]) {
      attempts.append($0.delivery?.attempt ?? 0)
      throw Failure(.unavailable, "not now")
    }
    #expect(try await source.settles { store.keys == ["failed/a"] })
    #expect(attempts.all == [1, 2])
    try await source.end()
  }

  @Test("an object whose message failed by what may pass stays and comes again where no attempts are written")
  func passing() async throws {
    for kind in [Failure.Kind.unavailable, .timeout, .overloaded, .outcomeUnknown] {
      let store = try ObjectStore()
      store.put("in/a", "good")
      let attempts = Recorder<Int>()
      let source = try await RunningS3(store, [("failed", ["move": "failed/"])]) {
        attempts.append($0.delivery?.attempt ?? 0)
        if attempts.all.count < 3 { throw Failure(kind, "not now") }
      }
      #expect(try await source.settles { store.keys == ["out/a"] }, "\(kind)")
      #expect(attempts.all == [1, 2, 3])
      try await source.end()
    }
  }

  @Test("what another has put in the place of an object that was worked on stays, and comes as a new one")
  func replacedMeanwhile() async throws {
    for done in [["move": "out/"], "delete"] as [Configuration] {
      let store = try ObjectStore()
      store.put("in/a", "first")
      let bodies = Recorder<String>()
      let source = try await RunningS3(store, [("done", done)]) { message in
        bodies.append(String(decoding: try message.bodyBytes(), as: UTF8.self))
        if bodies.all.count == 1 { store.put("in/a", "second") }
      }
      #expect(try await source.settles { bodies.all.count == 2 && store["in/a"] == nil })
      #expect(bodies.all == ["first", "second"])
      #expect(source.messages == ["an object was replaced after it was read, and is left as a new one"])
      try await source.end()
    }
  }

  @Test(
    "an object that changes between the list and the reading is left for the next look, and one that is gone is no failure"
  )
  func changedBeforeRead() async throws {
    store.put("in/a", "first")
    store.put("in/b", "gone")
    store.fail { [store] request in
      if request.action == "get", store.text("in/a") == "first" {
        store.put("in/a", "second, and longer")
        store.remove("in/b")
      }
      return nil
    }
    let bodies = Recorder<[UInt8]>()
    let source = try await RunningS3(store) { bodies.append(try $0.bodyBytes()) }
    #expect(try await source.settles { store.keys == ["out/a"] })
    #expect(bodies.all == [Array("second, and longer".utf8)])
    #expect(source.messages == ["an object was replaced before it was read", "an object vanished before it was read"])
    try await source.end()
  }

  @Test("a list of many pages is read page by page, in order")
  func pages() async throws {
    store.state.withLock { $0.pageSize = 7 }
    let keys = (100..<150).map { "in/\($0)" }
    for key in keys { store.put(key, key) }
    let taken = Recorder<String>()
    let source = try await RunningS3(store) { taken.append($0.headers["s3-key"] ?? "") }
    #expect(try await source.settles { store.keys.allSatisfy { $0.hasPrefix("out/") } })
    #expect(taken.all == keys)
    #expect(store.keys.count == 50)
    try await source.end()
  }

  @Test("so many objects are worked on at once as the route says, none of them twice")
  func several() async throws {
    for number in 0..<9 { store.put("in/\(number)", "\(number)") }
    let (release, taken) = (StopSignal(), Recorder<String>())
    let source = try await RunningS3(store, [("max_in_flight", 3)]) {
      taken.append($0.headers["s3-key"] ?? "")
      await release.wait()
    }
    await taken.wait(for: 3)
    source.clock.advance(by: .seconds(100))
    #expect(taken.all.count == 3)
    release.signal()
    #expect(try await source.settles { store.keys.filter { $0.hasPrefix("out/") }.count == 9 })
    #expect(Set(taken.all).count == 9 && taken.all.count == 9)
    try await source.end()
  }

  @Test("large objects are streams, and are moved when they were read to the end")
  func streams() async throws {
    store.putHole("in/large", 3 << 20)
    let sizes = Recorder<Int>()
    let source = try await RunningS3(store, [("stream_above", "1MiB")]) { message in
      guard case .stream(let stream) = message.body else { throw Failure(.internal, "expected a stream") }
      #expect(stream.length == 3 << 20)
      sizes.append(try await stream.collect(limit: 4 << 20).count)
    }
    #expect(try await source.settles { store.keys == ["out/large"] })
    #expect(sizes.all == [3 << 20])
    try await source.end()
  }

  @Test("objects of more than what is copied at once are copied in parts, with what belongs to them")
  func copyInParts() async throws {
    store.put(
      "in/a", [UInt8](repeating: 9, count: 1000), headers: ["x-amz-meta-ward": "7", "content-type": "text/csv"])
    store.state.withLock { $0.objects["in/a"]?.tags = "state=new" }
    let context = Context.testing(services: store.services)
    let options = try ComponentLoader([.s3], context: context).option(
      S3SourceOptions.self,
      ["bucket": "\(ObjectStore.bucket)", "prefix": "in/", "done": "delete", "endpoint": "\(store.url)"])
    let bucket = try S3Bucket(options.bucket, options.aws, isPath: nil, timeout: .seconds(10), context)
    let summary = ObjectSummary(key: "in/a", etag: store["in/a"]?.etag ?? "", size: 1000)
    let answer = try await bucket.send(S3Request("HEAD", "in/a"), context)
    let copy = ObjectCopy(
      bucket: bucket, object: FoundObject(summary, answer.headers), context: context, limits: (single: 999, part: 300))
    try await copy.run(to: "out/a")
    let object = try #require(store["out/a"])
    #expect(object.bytes == [UInt8](repeating: 9, count: 1000))
    #expect(object.headers["x-amz-meta-ward"] == "7" && object.headers["content-type"] == "text/csv")
    #expect(object.tags == "state=new")
    #expect(store.actions.filter { $0 == "copy part out/a" }.count == 4)
  }

  @Test("keys may hold every character", arguments: Keys.odd.filter { $0.utf8.count < 1000 })
  func keys(key: String) async throws {
    store.put("in/" + key, "1")
    let keys = Recorder<String>()
    let source = try await RunningS3(store) { keys.append($0.headers["s3-key"] ?? "") }
    #expect(try await source.settles { store.keys == ["out/" + key] })
    #expect(keys.all == ["in/" + key])
    try await source.end()
  }

  @Test("where objects move to must not be where they come from", arguments: ["in/", "in/done/"])
  func loops(target: String) throws {
    let problems = #expect(throws: Diagnostics.self) {
      try RunningS3.source(store, [("done", ["move": "\(target)"])], .testing(services: store.services))
    }
    #expect(problems?.all.first?.message == "s3: what is moved to \"\(target)\" would be taken from there again")
  }

  @Test("two sources claim the same objects where prefix and suffix meet")
  func claims() throws {
    func claim(_ prefix: String, _ suffix: String) throws -> SourceClaim {
      let source = try RunningS3.source(
        store, [("prefix", "\(prefix)")] + (suffix.isEmpty ? [] : [("suffix", "\(suffix)")]),
        .testing(services: store.services))
      return try #require(source.claims.first)
    }
    #expect(try claim("in/", ".csv").conflicts(with: claim("in/", ".csv")))
    #expect(try claim("in/a", "").conflicts(with: claim("in/", ".csv")))
    #expect(try !claim("in/", ".csv").conflicts(with: claim("in/", ".xml")))
    #expect(try !claim("in/a", "").conflicts(with: claim("in/b", "")))
  }
}
