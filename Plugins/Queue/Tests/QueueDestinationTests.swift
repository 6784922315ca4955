import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import QueuePlugin

@Suite("queue destination")
struct QueueDestinationTests {
  private let clock: ManualClock
  private let store: MemoryStore
  private let context: Context

  init() {
    clock = ManualClock()
    store = MemoryStore(clock: clock)
    context = .testing(
      clock: clock,
      formats: Formats([
        Format(name: "json", mediaTypes: ["application/json"]) { bytes throws(Failure) in
          try JSONDocument(parsing: bytes)
        }
      ]), store: store)
  }

  private func destination(_ options: Configuration) throws -> any Step {
    guard case .step(let step) = try ComponentLoader([.queue], context: context).make(.destination, "queue", options)
    else { throw Failure(.internal, "queue is no destination") }
    return step
  }

  private func message(_ json: String) -> Message {
    var message = Message(body: .bytes(Array(json.utf8)))
    message.contentType = "application/json"
    return message
  }

  @Test("messages of one key are kept in order, those without a key are not") func orderBy() async throws {
    let step = try destination(["name": "orders", "order_by": "body.?patient"])
    for json in [#"{"patient":"a"}"#, #"{"patient":"a"}"#, #"{"patient":7}"#, "{}", "{}"] {
      var message = message(json)
      _ = try await step.process(&message, context)
    }
    let leases = try await store.lease(from: "orders", atMost: 10, for: .seconds(60))
    #expect(leases.map(\.orderKey) == ["a", "7", nil, nil])
  }

  @Test("the trace goes with the message, and its own headers stay as they were") func trace() async throws {
    let step = try destination(["name": "orders"])
    var message = message("{}")
    message.trace = TraceContext(["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    _ = try await step.process(&message, context)
    let lease = try #require(try await store.lease(from: "orders", atMost: 1, for: .seconds(60)).first)
    #expect(lease.message.headers["traceparent"] == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    #expect(message.headers["traceparent"] == nil)
  }

  @Test("a key that is neither a text nor a whole number is refused") func badKey() async throws {
    let step = try destination(["name": "orders", "order_by": "body.patient"])
    var message = message(#"{"patient":{"id":1}}"#)
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&message, context) }
    #expect(failure?.kind == .invalid)
    #expect(store.messages(in: "orders").isEmpty)
  }

  @Test(
    "a delay is written or made",
    arguments: [("10s", 10), ("${ duration('10s') }", 10), ("${ duration('-5s') }", 0)])
  func delay(written: String, seconds: Int) async throws {
    let step = try destination(["name": "orders", "delay": "\(written)"])
    var message = message("{}")
    _ = try await step.process(&message, context)
    if seconds > 0 {
      clock.advance(by: .seconds(seconds - 1))
      #expect(try await store.lease(from: "orders", atMost: 1, for: .seconds(60)).isEmpty)
      clock.advance(by: .seconds(2))
    }
    #expect(try await store.lease(from: "orders", atMost: 1, for: .seconds(60)).count == 1)
  }

  @Test("a delay that is no duration is refused") func badDelay() async throws {
    let step = try destination(["name": "orders", "delay": "${ body.wait }"])
    var message = message(#"{"wait":"soon"}"#)
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&message, context) }
    #expect(failure?.kind == .invalid)
  }

  @Test("a stream is kept up to the limit, and the steps after it have its bytes") func streams() async throws {
    let step = try destination(["name": "orders", "max_body": "8B"])
    var small = Message(body: .stream(stream([1, 2, 3, 4], [5, 6, 7, 8])))
    _ = try await step.process(&small, context)
    #expect(try small.bodyBytes() == [1, 2, 3, 4, 5, 6, 7, 8])
    var large = Message(body: .stream(stream([1, 2, 3, 4], [5, 6, 7, 8, 9])))
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&large, context) }
    #expect(failure?.kind == .invalid)
    #expect(store.messages(in: "orders").count == 1)
  }

  private func stream(_ pieces: [UInt8]...) -> BodyStream {
    let read = Recorder<Bool>()
    return BodyStream {
      read.append(true)
      return read.all.count <= pieces.count ? pieces[read.all.count - 1] : nil
    }
  }

  @Test("a body over the limit is refused") func tooLarge() async throws {
    let step = try destination(["name": "orders", "max_body": "8B"])
    var message = Message(body: .bytes([UInt8](repeating: 0, count: 9)))
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&message, context) }
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason == "the body is larger than 8 bytes")
  }

  @Test("what comes again from a source that names its deliveries is appended once by each step") func effects()
    async throws
  {
    let step = try destination(["name": "orders"])
    let other = context.with(step: "another")
    var sent = message("{}")
    sent.delivery = Delivery(key: "file 1", received: 0)
    for context in [context, other, context, other] { _ = try await step.process(&sent, context) }
    #expect(store.messages(in: "orders").count == 2)
    let elsewhere = try destination(["name": "audit"])
    _ = try await elsewhere.process(&sent, context)
    #expect(store.messages(in: "audit").count == 1)
    sent.delivery = Delivery(received: 0)
    for _ in 1...2 { _ = try await step.process(&sent, context) }
    #expect(store.messages(in: "orders").count == 4)
  }

  @Test(
    "names of queues are letters, digits, - _ and .",
    arguments: [("a", true), ("Orders-2_b.c", true), ("", false), ("a b", false), ("../a", false), ("ä", false)])
  func names(name: String, isGood: Bool) {
    #expect((QueueName.problem(name) == nil) == isGood)
    #expect(QueueName.problem(String(repeating: "a", count: 100)) == nil)
    #expect(QueueName.problem(String(repeating: "a", count: 101)) != nil)
  }

  @Test("an engine without a store has no queues") func withoutStore() {
    let problems = #expect(throws: Diagnostics.self) {
      _ = try ComponentLoader([.queue]).make(.source, "queue", ["name": "orders"])
    }
    #expect(problems?.all.map(\.message) == ["queue: needs a store, and there is none here"])
  }
}
