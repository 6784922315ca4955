import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import QueuePlugin

@Suite("queue over a store with troubles")
struct StoreTroubleTests {
  @Test("a store that cannot be read is told of once, and asked again") func unreadable() async throws {
    let run = try await QueueRun(prepare: { $0.become(.fail(.unavailable), on: [.lease]) })
    try await run.append("a")
    #expect(try await run.until(.seconds(1)) { run.flaky.calls.all.filter { $0 == .lease }.count > 5 })
    run.flaky.become(.succeed)
    #expect(try await run.isEmpty(.seconds(1)))
    try await run.end()
    let lines = run.log.lines.all.map(\.message).filter { $0.contains("can") }
    #expect(lines == ["the queue cannot be read", "the queue can be read again"])
  }

  @Test("what was worked on is acknowledged again where that failed", arguments: [true, false])
  func acknowledging(isDone: Bool) async throws {
    let run = try await QueueRun(prepare: { $0.become(isDone ? .loseAnswer : .fail(.unavailable), on: [.acknowledge]) })
    try await run.append("a")
    #expect(try await run.until(.seconds(1)) { run.flaky.calls.all.filter { $0 == .acknowledge }.count > 2 })
    run.flaky.become(.succeed)
    #expect(try await run.isEmpty(.seconds(1)))
    #expect(run.route.received.all.count == 1)
    try await run.end()
  }

  @Test("what was worked on is not done again while the disk is full, however long that takes") func longTrouble()
    async throws
  {
    let run = try await QueueRun(
      [("lease", "10s")], prepare: { $0.become(.fail(.unavailable), on: [.acknowledge]) })
    try await run.append("a")
    #expect(try await run.until(.seconds(1)) { run.flaky.calls.all.filter { $0 == .acknowledge }.count > 40 })
    #expect(run.route.received.all.count == 1)
    run.flaky.become(.succeed)
    #expect(try await run.isEmpty(.seconds(1)))
    #expect(run.route.received.all.count == 1)
    try await run.end()
  }

  @Test("a message that cannot be made a dead letter, nor be kept leased, stays in the queue") func burying()
    async throws
  {
    let run = try await QueueRun(
      [("lease", "10s")], route: FlakyDestination(then: .fail(.invalid)),
      prepare: { $0.become(.fail(.unavailable), on: [.bury, .extend]) })
    try await run.append("a")
    // The lease runs out while the disk is full, and the message comes again.
    #expect(try await run.until(.seconds(1)) { run.route.received.all.count > 1 })
    #expect(try await run.letters.isEmpty)
    #expect(run.log.lines.all.contains { $0.message == "a message stays in the queue, as the store fails" })
    run.flaky.become(.succeed)
    #expect(try await run.isEmpty(.seconds(1)))
    #expect(try await run.letters.count == 1)
    try await run.end()
  }

  @Test("from queue to queue each message goes once, though its acknowledgement is lost again and again")
  func queueToQueue() async throws {
    let clock = ManualClock()
    let store = MemoryStore(clock: clock)
    let context = Context.testing(step: "on", clock: clock, store: store)
    guard
      case .step(let next) = try ComponentLoader([.queue], context: context).make(
        .destination, "queue", ["name": "next"])
    else { return }
    let run = try await QueueRun(
      [("lease", "10s"), ("attempts", 100), ("concurrency", 4)], clock: clock, store: store,
      prepare: { $0.become(.fail(.unavailable), on: [.acknowledge, .extend]) },
      steps: { message in _ = try await next.process(&message, context) })
    for number in 0..<8 { try await run.append("\(number)") }
    // Each has come more than once, as after so many kills between the append and the acknowledgement.
    #expect(try await run.until(.seconds(1)) { run.route.received.all.count >= 24 })
    run.flaky.become(.succeed)
    #expect(try await run.isEmpty(.seconds(1)))
    #expect(store.messages(in: "next").map(\.text).sorted() == (0..<8).map(String.init))
    try await run.end()
  }

  @Test("what a queue has done and what is in it is counted") func metrics() async throws {
    let run = try await QueueRun(
      [("attempts", 2), ("backoff", ["initial": "1s", "jitter": "none"])],
      route: FlakyDestination([.fail(.invalid), .fail(.timeout)], then: .succeed))
    let destination = try run.destination(["name": "orders"])
    for number in 0..<3 {
      var message = Message(body: .bytes([UInt8(number)]))
      _ = try await destination.process(&message, run.context)
    }
    #expect(try await run.isEmpty(.seconds(1)))
    var message = Message()
    let delayed = try run.destination(["name": "orders", "delay": "1h"])
    _ = try await delayed.process(&message, run.context)
    #expect(
      try await run.until(.seconds(1)) {
        run.value("omnibus_queue_depth") == 1 && run.value("omnibus_queue_oldest_seconds") ?? 0 >= 10
      })
    #expect(run.value("omnibus_queue_delayed") == 1)
    #expect(run.value("omnibus_queue_leased") == 0)
    #expect(run.value("omnibus_queue_appended_total") == 4)
    #expect(run.value("omnibus_queue_buried_total") == 1)
    #expect(run.value("omnibus_queue_released_total") == 1)
    #expect(run.value("omnibus_queue_acknowledged_total") == 2)
    try await run.end()
  }
}

extension QueueRun {
  /// What the metric of that name says of the queue.
  func value(_ name: String) -> Double? {
    let series = metrics.read().first { $0.name == name }?.series.first { $0.labels == ["queue", "orders"] }
    return switch series?.reading {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .histogram, nil: nil
    }
  }
}
