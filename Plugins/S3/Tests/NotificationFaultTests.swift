import Omnibus
import OmnibusTesting
import Testing

@testable import S3Plugin

@Suite("s3, told by a queue, with trouble") struct NotificationFaultTests {
  private let clock = ManualClock()
  private let store: ObjectStore
  private let queue: TestSQS

  init() throws {
    store = try ObjectStore()
    queue = try TestSQS(clock: clock, visibility: 12)
  }

  private func source(
    _ options: [(String, Configuration)] = [], _ work: @escaping @Sendable (Message) async throws -> Void
  ) async throws -> RunningS3 {
    let told: Configuration = ["queue": "\(queue.url)/123456789012/events", "wait": "1s"]
    return try await RunningS3(store, [("notifications", told), ("max_in_flight", 4)] + options, clock: clock, work)
  }

  /// Tells of an object as S3 does; without its tag as EventBridge may.
  @discardableResult
  private func tell(_ key: String, isBridge: Bool = false) -> String {
    let etag = (store[key]?.etag ?? "gone").filter { $0 != "\"" }
    let bucket = #"{"name": "\#(ObjectStore.bucket)"}"#
    guard !isBridge else {
      return queue.put(
        #"{"source": "aws.s3", "detail-type": "Object Created", "detail": {"bucket": \#(bucket), "object": {"key": "\#(key)"}}}"#
      )
    }
    let object = #"{"key": "\#(key)", "size": \#(store[key]?.size ?? 1), "eTag": "\#(etag)"}"#
    return queue.put(
      #"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": \#(bucket), "object": \#(object)}}]}"#)
  }

  @Test("a message stays hidden for as long as its object is worked on, and is deleted then")
  func hidden() async throws {
    store.put("in/a", "1")
    let id = tell("in/a")
    let (keys, release) = (Recorder<String>(), StopSignal())
    let source = try await source { message in
      keys.append(message.headers["s3-key"] ?? "")
      await release.wait()
    }
    await keys.wait(for: 1)
    #expect(try await queue.pass(.seconds(120), clock))
    #expect(keys.all == ["in/a"] && queue.deleted.isEmpty)
    #expect(queue.calls("ChangeMessageVisibilityBatch").count >= 10)
    release.signal()
    #expect(try await source.settles { queue.deleted == [id] && store.keys == ["out/a"] })
    #expect(source.messages.isEmpty)
    try await source.end()
  }

  @Test("messages are deleted together")
  func batches() async throws {
    for number in 0..<40 {
      store.put("in/\(number)", "1")
      tell("in/\(number)")
    }
    let source = try await source([("max_in_flight", 10)]) { _ in }
    #expect(try await source.settles { queue.deleted.count == 40 })
    #expect(queue.calls("DeleteMessageBatch").count < 40)
    #expect(store.keys.allSatisfy { $0.hasPrefix("out/") } && store.keys.count == 40)
    try await source.end()
  }

  @Test("what tells of an object that is gone, or of none, is deleted", arguments: [false, true])
  func gone(isBridge: Bool) async throws {
    tell("in/gone", isBridge: isBridge)
    queue.put(#"{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "care-test"}"#)
    let keys = Recorder<String>()
    let source = try await source { keys.append($0.headers["s3-key"] ?? "") }
    #expect(try await source.settles { queue.deleted.count == 2 })
    store.put("in/there", "1")
    tell("in/there", isBridge: isBridge)
    #expect(try await source.settles { queue.deleted.count == 3 })
    #expect(keys.all == ["in/there"])
    try await source.end()
  }

  @Test("two messages that tell of one object do not have it worked on twice")
  func twice() async throws {
    store.put("in/a", "1")
    tell("in/a")
    tell("in/a", isBridge: true)
    let (keys, release) = (Recorder<String>(), StopSignal())
    let source = try await source { message in
      keys.append(message.headers["s3-key"] ?? "")
      await release.wait()
    }
    await keys.wait(for: 1)
    let end = clock.now + 60_000_000_000
    #expect(try await source.settles { clock.now > end })
    release.signal()
    #expect(try await source.settles { queue.deleted.count == 2 })
    #expect(keys.all == ["in/a"] && store.keys == ["out/a"])
    try await source.end()
  }

  @Test("an object whose message failed comes again with its own, and counts how often")
  func again() async throws {
    store.put("in/a", "1")
    tell("in/a")
    let attempts = Recorder<Int>()
    let source = try await source { message in
      attempts.append(message.delivery?.attempt ?? 0)
      if attempts.all.count < 3 { throw Failure(.unavailable, "not now") }
    }
    #expect(try await source.settles { queue.deleted.count == 1 })
    #expect(attempts.all.count == 3 && attempts.all.first == 1 && store.keys == ["out/a"])
    #expect(zip(attempts.all, attempts.all.dropFirst()).allSatisfy { $0 < $1 })
    try await source.end()
  }

  @Test("a queue that cannot be read is told once, and read again when it can be")
  func trouble() async throws {
    let source = try await source { _ in }
    try queue.become(.overloaded)
    #expect(try await source.settles { !source.messages.isEmpty })
    try queue.become(.well)
    store.put("in/a", "1")
    tell("in/a")
    #expect(try await source.settles { store.keys == ["out/a"] })
    #expect(source.messages == ["objects cannot be looked for, trying again", "objects can be looked for again"])
    try await source.end()
  }
}
