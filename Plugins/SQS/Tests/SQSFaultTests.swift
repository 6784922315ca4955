import Omnibus
import OmnibusCrypto
import OmnibusTesting
import Synchronization
import Testing

@testable import SQSPlugin

@Suite("sqs, a source with trouble")
struct SQSFaultTests {
  private let clock = ManualClock()

  @Test("a message that is handed out again while it is worked on is delivered once, and deleted by what names it then")
  func duplicate() async throws {
    let server = try TestSQS(clock: clock)
    let release = StopSignal()
    let id = server.put("slow")
    let source = try await RunningSource(server.options(), clock: clock) { _ in await release.wait() }
    await source.arrivals.wait(for: 1)
    server.state.withLock { $0.entries[0].visibleAt = 0 }
    #expect(try await eventually { server.state.withLock { $0.entries[0].receives } == 2 })
    server.put("other")
    await source.arrivals.wait(for: 2)
    release.signal()
    #expect(try await eventually { server.deleted.contains(id) && server.deleted.count == 2 })
    #expect(source.bodies == ["slow", "other"])
    try await source.end()
  }

  @Test("one that could not be kept hidden is kept again when it comes again, and delivered once")
  func lost() async throws {
    let server = try TestSQS(clock: clock, visibility: 12)
    let release = StopSignal()
    let id = server.put("slow")
    let isRefused = Countdown(1)
    server.answer("ChangeMessageVisibilityBatch") { root in
      guard isRefused.next() else { return nil }
      let failed = ValueMap([("Id", "0"), ("Code", "InvalidParameterValue"), ("SenderFault", .bool(true))])
      return .json([("Failed", .list([.map(failed)]))])
    }
    let source = try await RunningSource(server.options(), clock: clock) { _ in await release.wait() }
    await source.arrivals.wait(for: 1)
    // No time passes while it is tried to keep the message hidden.
    #expect(try await server.pass(.seconds(8), clock))
    #expect(try await eventually { !source.log.lines.all.isEmpty })
    #expect(try await eventually(clock) { server.state.withLock { $0.entries[0].receives } == 2 })
    #expect(try await server.pass(.seconds(60), clock))
    #expect(server.state.withLock { $0.entries[0].receives } == 2)
    release.signal()
    #expect(try await eventually { server.deleted == [id] })
    #expect(source.arrivals.all.count == 1)
    #expect(source.log.lines.all.map(\.message) == ["a message can come again while it is worked on"])
    try await source.end()
  }

  @Test("a call that hangs does not keep the next one from being in time")
  func hangingHeartbeat() async throws {
    let server = try TestSQS(clock: clock, visibility: 4)
    let release = StopSignal()
    let id = server.put("slow")
    let hangs = Countdown(1)
    server.answer("ChangeMessageVisibilityBatch") { _ in hangs.next() ? .endless : nil }
    let source = try await RunningSource(server.options(), clock: clock) { _ in await release.wait() }
    await source.arrivals.wait(for: 1)
    let report = "messages could not be kept hidden"
    // No time passes between a beat and the call that it makes.
    #expect(
      try await eventually {
        let mayPass = server.calls("ChangeMessageVisibilityBatch").isEmpty && clock.timers > 0
        if mayPass, let next = clock.next { clock.advance(by: next) }
        return source.log.lines.all.map(\.message) == [report]
      })
    // As much as the call may have taken.
    clock.advance(by: .seconds(1))
    #expect(try await server.pass(.seconds(20), clock))
    #expect(server.state.withLock { $0.entries[0].receives } == 1)
    release.signal()
    #expect(try await eventually { server.deleted == [id] })
    try await source.end()
  }

  @Test("a message that takes long stays hidden from another consumer, too")
  func twoConsumers() async throws {
    let server = try TestSQS(clock: clock, visibility: 4)
    let release = StopSignal()
    let first = try await RunningSource(server.options(), clock: clock) { _ in await release.wait() }
    server.put("once")
    await first.arrivals.wait(for: 1)
    let second = try await RunningSource(server.options(), clock: clock)
    #expect(try await server.pass(.seconds(20), clock, beats: 2))
    #expect(first.arrivals.all.count == 1 && second.arrivals.all.isEmpty)
    release.signal()
    #expect(try await eventually { server.deleted.count == 1 })
    try await first.end()
    try await second.end()
    #expect(second.arrivals.all.isEmpty)
  }

  @Test("a queue that says it hides nothing has its messages hidden all the same")
  func noVisibility() async throws {
    let server = try TestSQS(clock: clock, visibility: 0)
    let release = StopSignal()
    server.put("slow")
    let source = try await RunningSource(server.options(), clock: clock) { _ in await release.wait() }
    await source.arrivals.wait(for: 1)
    #expect(try await server.pass(.seconds(100), clock))
    #expect(source.arrivals.all.count == 1)
    release.signal()
    #expect(try await eventually { server.deleted.count == 1 })
    try await source.end()
  }

  @Test(
    "a message that changed on its way is not delivered, and comes again; large ones are",
    arguments: [256 << 10, 1 << 20])
  func digests(size: Int) async throws {
    let server = try TestSQS(clock: clock)
    let large = String(repeating: "ü", count: size / 2)
    let digest = RunningDigest(.md5)
    Array(large.utf8).withUnsafeBytes { digest.update($0) }
    let hex = digest.finish().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    server.put(large, digest: hex)
    let changed = server.put(large.uppercased(), digest: hex)
    server.put("odd", digest: "no digest")
    let source = try await RunningSource(server.options(), clock: clock)
    #expect(try await eventually { server.deleted.count == 2 })
    #expect(Set(source.bodies) == [large, "odd"])
    server.state.withLock { state in
      for place in state.entries.indices where state.entries[place].id == changed { state.entries[place].body = large }
    }
    #expect(try await eventually(clock) { server.deleted.count == 3 })
    #expect(source.arrivals.all.count == 3 && source.arrivals.all.last?.delivery?.attempt == 2)
    #expect(
      source.log.lines.all.map(\.message) == [
        "a message of the queue is not the one whose digest sqs told, and comes again"
      ])
    try await source.end()
  }

  @Test("of a group nothing overtakes a message that was worked on and cannot be deleted")
  func undeletable() async throws {
    let server = try TestSQS(clock: clock)
    for body in ["a1", "a2", "b1"] { server.put(body, group: String(body.prefix(1))) }
    // The first that is received is a1.
    server.answer("DeleteMessageBatch") { root in
      var (failed, isHeld) = ([Value](), false)
      root.member("Entries")?.forEachElement { node in
        let isFirst = node.member("ReceiptHandle")?.string == "receipt-4"
        if isFirst { isHeld = true }
        failed.append(
          .map(
            ValueMap([
              ("Id", .string(node.member("Id")?.string ?? "")), ("SenderFault", .bool(isFirst)),
              ("Code", isFirst ? "ReceiptHandleIsInvalid" : "InternalError"),
            ])))
      }
      return isHeld ? .json([("Failed", .list(failed))]) : nil
    }
    let source = try await RunningSource(server.options("orders.fifo"), clock: clock)
    #expect(try await eventually(clock) { server.deleted.count == 3 })
    #expect(source.bodies.filter { $0 != "b1" } == ["a1", "a1", "a2"])
    try await source.end()
  }

  @Test("a queue that is written by its address and not there keeps a route from being applied")
  func missingAddress() async throws {
    let server = try TestSQS(clock: clock)
    server.state.withLock { $0.isThere = false }
    let failure = await #expect(throws: Failure.self) {
      try await RunningSource(server.options("\(server.url)/123456789012/orders"), clock: clock)
    }
    #expect(failure?.reason == "sqs answered 400 QueueDoesNotExist")
  }

  @Test("a queue that another makes at the same time is taken as it is")
  func madeByAnother() async throws {
    let server = try TestSQS(clock: clock)
    let missing = Countdown(2)
    server.answer("GetQueueUrl") { _ in missing.next() ? .error(400, "QueueDoesNotExist") : nil }
    server.answer("CreateQueue") { _ in .error(400, "com.amazonaws.sqs#QueueNameExists") }
    server.put("1")
    let source = try await RunningSource(server.options("orders", [("create", [:])]), clock: clock)
    #expect(try await eventually { server.deleted.count == 1 })
    try await source.end()
  }

  @Test(
    "a queue that is made to take from has a dead-letter queue, unless none is asked for", arguments: [true, false])
  func creation(hasLetters: Bool) async throws {
    let server = try TestSQS(clock: clock)
    server.answer("GetQueueUrl") { _ in .error(400, "QueueDoesNotExist") }
    let create: Configuration = hasLetters ? [:] : ["dead_letter_queue": "none"]
    let source = try await RunningSource(server.options("orders", [("create", create)]), clock: clock)
    let calls = server.calls("CreateQueue").map(\.parameters)
    #expect(calls.map { $0.member("QueueName")?.string } == (hasLetters ? ["orders-dead", "orders"] : ["orders"]))
    #expect((calls.last?.member("Attributes")?.member("RedrivePolicy") != nil) == hasLetters)
    try await source.end()
  }
}
