import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import S3Plugin

@Suite("s3, conformance", .serialized) struct ConformanceTests {
  @Test("as a source") func source() async {
    await Conformance.source("s3", of: .s3) { _ in try InboundBucket() }
  }

  @Test("as a source that works on several objects at once and streams them") func parallelSource() async {
    await Conformance.source("s3", of: .s3) { _ in try InboundBucket(maxInFlight: 4, streamAbove: "64KiB") }
  }

  @Test("as a source that a queue tells of objects") func toldSource() async {
    await Conformance.source("s3", of: .s3) { clock in
      try InboundBucket(maxInFlight: 4, streamAbove: "64KiB", queue: TestSQS(clock: clock))
    }
  }

  @Test("as a destination") func destination() async {
    await Conformance.destination("s3", of: .s3) { try OutboundBucket() }
  }
}

/// A bucket that objects are put into. What becomes of one shows by what its key begins with.
private final class InboundBucket: SourcePeer {
  let store: ObjectStore
  let maxInFlight: Int
  let streamAbove: Configuration
  let queue: TestSQS?
  private let objects = Atomic<Int>(100)

  init(maxInFlight: Int = 1, streamAbove: Configuration = "16MiB", queue: TestSQS? = nil) throws {
    self.queue = queue
    store = try ObjectStore()
    self.maxInFlight = maxInFlight
    self.streamAbove = streamAbove
  }

  var options: Configuration { options(ObjectStore.bucket) }
  // Whether a bucket is there shows when it is listed.
  var unusableOptions: Configuration? { queue == nil ? options("missing") : nil }
  var services: Services { store.services }
  var mostUnderWay: Int? { maxInFlight }
  var comesAgain: Bool { true }
  var headers: Headers { ["content-type": "application/json"] }

  private func options(_ bucket: String) -> Configuration {
    let found: (String, Configuration) =
      if let queue {
        ("notifications", ["queue": "\(queue.url)/123456789012/\(bucket)", "wait": "1s"])
      } else {
        ("poll", "100ms")
      }
    return Configuration(
      entries: [
        found, ("bucket", Configuration(stringLiteral: bucket)), ("prefix", "in/"), ("suffix", ".json"),
        ("done", ["move": "done/"]), ("failed", ["move": "failed/"]), ("attempts", "1"),
        ("endpoint", "\(store.url)"),
        ("max_in_flight", Configuration(integerLiteral: maxInFlight)), ("stream_above", streamAbove),
      ])
  }

  func send(_ body: [UInt8]) async throws -> SentMessage { put { [store] in store.put("in/\($0)", body) } }

  func send(streamOf count: Int) async throws -> SentMessage? {
    guard maxInFlight > 1 else { return nil }
    return put { [store] in store.putHole("in/\($0)", count) }
  }

  private func put(_ write: (String) -> Void) -> SentMessage {
    let name = "\(objects.wrappingAdd(1, ordering: .relaxed).newValue).json"
    write(name)
    queue?.put(
      #"{"Records": [{"eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "\#(ObjectStore.bucket)"}, "#
        + #""object": {"key": "in/\#(name)", "size": \#(store["in/\(name)"]?.size ?? 0)}}}]}"#)
    return .watched { [store] in
      if store["in/\(name)"] != nil { return .pending }
      if store["done/\(name)"] != nil { return .acknowledged }
      return store["failed/\(name)"] != nil ? .refused : .pending
    }
  }
}

/// A bucket that objects are written into.
private final class OutboundBucket: DestinationPeer {
  let store: ObjectStore

  init() throws { store = try ObjectStore() }

  var options: Configuration {
    [
      "bucket": "\(ObjectStore.bucket)", "key": "out/${ message.id }", "endpoint": "\(store.url)", "timeout": "6s",
      "part_size": "5MiB", "parts_in_flight": 2,
    ]
  }
  var services: Services { store.services }
  var timesOut: Bool { true }
  var takesRepeats: Bool { true }

  func arrivals() async throws -> [Arrival] {
    store.keys.map { key in
      let object = store[key]
      return object?.bytes.map { Arrival($0, key: key) } ?? Arrival(size: object?.size ?? 0, key: key)
    }
  }

  func become(_ state: PeerState) async throws -> Bool {
    switch state {
    case .well:
      store.fail { _ in nil }
      try store.start()
    case .refusing: store.fail { _ in .error(403, "AccessDenied") }
    case .overloaded: store.fail { _ in .error(503, "SlowDown") }
    case .away:
      store.fail { _ in .cut(after: 0) }
      store.stop()
    case .hanging: store.fail { _ in .hang }
    case .nonsense: store.fail { _ in .error(418, "Nonsense") }
    case .breaking: store.fail { _ in .cut(after: 0) }
    }
    return true
  }
}
