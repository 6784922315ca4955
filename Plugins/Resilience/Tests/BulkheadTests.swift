import Omnibus
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

struct BulkheadTests {
  let clock = ManualClock()
  let metrics = Metrics()
  let inner = FlakyDestination()

  var context: Context { .testing(route: "orders", step: "deliver", clock: clock, metrics: metrics) }

  @Test("one more than may come in is refused as overloaded, and counted")
  func refuses() async throws {
    let bulkhead = try bulkhead(["limit": 2])
    let release = StopSignal()
    inner.become(then: .wait(release))
    let calls = (0..<2).map { _ in start(bulkhead) }
    await inner.received.wait(for: 2)
    let failure = await #expect(throws: Failure.self) { try await start(bulkhead).value }
    #expect(failure?.description == "overloaded: all 2 places of the bulkhead orders/deliver are taken (bulkhead)")
    #expect(metrics.counter("omnibus_bulkhead_refused_total", "", labels).value == 1)
    #expect(held == 2)
    release.signal()
    for call in calls { _ = try await call.value }
    #expect(held == 0)
  }

  @Test("one waits no longer than it may")
  func waitsAtMost() async throws {
    let bulkhead = try bulkhead(["limit": 1, "queue": 1, "wait": "5s"])
    let release = StopSignal()
    inner.become(then: .wait(release))
    let first = start(bulkhead)
    await inner.received.wait(for: 1)
    let second = start(bulkhead)
    await clock.advanceToNext()
    let failure = await #expect(throws: Failure.self) { try await second.value }
    #expect(failure?.reason == "no place of the bulkhead orders/deliver was free within 5s")
    release.signal()
    _ = try await first.value
    #expect(held == 0 && clock.timers == 0)
  }

  @Test("who waits comes in as soon as a place is free, and leaves no timer")
  func waits() async throws {
    let bulkhead = try bulkhead(["limit": 1, "queue": 1, "wait": "5s"])
    let release = StopSignal()
    inner.become([.wait(release)], then: .succeed)
    let first = start(bulkhead)
    await inner.received.wait(for: 1)
    let second = start(bulkhead)
    await clock.waitForTimers()
    release.signal()
    _ = try await first.value
    _ = try await second.value
    #expect(held == 0 && clock.timers == 0)
  }

  @Test("being cancelled while it waits leaves nothing behind")
  func cancelledWaiting() async throws {
    let bulkhead = try bulkhead(["limit": 1, "queue": 2, "wait": "5s"])
    let release = StopSignal()
    inner.become([.wait(release)], then: .succeed)
    let first = start(bulkhead)
    await inner.received.wait(for: 1)
    let (second, third) = (start(bulkhead), start(bulkhead))
    await clock.waitForTimers(2)
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    release.signal()
    _ = try await first.value
    _ = try await third.value
    #expect(held == 0 && clock.timers == 0)
    #expect(inner.received.all.count == 2)
  }

  @Test("a place is held until a call that was given up really ends", arguments: [true, false])
  func timedOut(isTimeoutOutside: Bool) async throws {
    let bulkhead = try bulkhead(["limit": 1])
    let release = StopSignal()
    inner.become([.waitUncancelled(release)], then: .succeed)
    let timeout = Timeout(limit: .seconds(1))
    let handler =
      isTimeoutOutside
      ? timeout.wrapping(bulkhead.wrapping(inner.handler)) : bulkhead.wrapping(timeout.wrapping(inner.handler))
    let first = start(handler)
    await inner.received.wait(for: 1)
    await clock.advanceToNext()
    let failure = await #expect(throws: Failure.self) { try await first.value }
    #expect(failure?.kind == .timeout)
    #expect(held == 1)
    let refused = await #expect(throws: Failure.self) { try await start(handler).value }
    #expect(refused?.kind == .overloaded)
    release.signal()
    #expect(try await eventually { held == 0 })
    _ = try await start(handler).value
  }

  @Test("each attempt that a retry within it gave up on holds the place, until the last has ended")
  func timedOutAttempts() async throws {
    let bulkhead = try bulkhead(["limit": 1])
    let releases = [StopSignal(), StopSignal()]
    inner.become(releases.map { .waitUncancelled($0) }, then: .succeed)
    let retry = Retry(
      try ComponentLoader([]).option(
        RetryOptions.self, ["attempts": 2, "backoff": ["initial": "1s", "jitter": "none"]]))
    let handler = bulkhead.wrapping(retry.wrapping(Timeout(limit: .seconds(1)).wrapping(inner.handler)))
    let call = start(handler)
    for _ in 0..<3 { await clock.advanceToNext() }
    await #expect(throws: Failure.self) { try await call.value }
    #expect(held == 1)
    releases[1].signal()
    await inner.taken.wait(for: 1)
    #expect(held == 1)
    releases[0].signal()
    #expect(try await eventually { held == 0 })
  }

  @Test("leave that a source took beforehand is the message's, and what is left of it is given back")
  func admission() async throws {
    let bulkhead = try bulkhead(["limit": 1])
    let permit = try await bulkhead.admit(context)
    await #expect(throws: Failure.self) { try await start(bulkhead).value }
    let admission = Admission([permit])
    var message = Message()
    message.delivery = Delivery(received: 0, admission: admission)
    _ = try await bulkhead.handle(&message, context, next: inner.handler)
    #expect(held == 0)
    // A second pass through the same bulkhead takes a place of its own.
    _ = try await bulkhead.handle(&message, context, next: inner.handler)
    admission.end()
    #expect(held == 0)
    let unused = Admission([try await bulkhead.admit(context)])
    #expect(held == 1)
    unused.end()
    #expect(held == 0)
  }

  @Test("a source waits for leave as long as it takes, before messages that come later")
  func admissionWaits() async throws {
    let bulkhead = try bulkhead(["limit": 1, "queue": 1])
    let permit = try await bulkhead.admit(context)
    let order = Recorder<String>()
    let source = Task { [context] in
      let permit = try await bulkhead.admit(context)
      order.append("source")
      permit.end()
    }
    #expect(try await eventually { waiting == 1 })
    let message = start { [inner] message, context in
      try await bulkhead.handle(&message, context) { message, context in
        order.append("message")
        return try await inner.process(&message, context)
      }
    }
    #expect(try await eventually { waiting == 2 })
    let given = Task { [context] in try await bulkhead.admit(context) }
    #expect(try await eventually { waiting == 3 })
    given.cancel()
    await #expect(throws: CancellationError.self) { try await given.value }
    permit.end()
    try await source.value
    _ = try await message.value
    #expect(order.all == ["source", "message"])
    #expect(held == 0 && waiting == 0)
  }

  @Test("many tasks at once never are more within it than may be, and all come through")
  func contention() async throws {
    let bulkhead = try bulkhead(["limit": 4, "queue": 1000])
    await withTaskGroup { group in
      for number in 0..<400 {
        let task = start { [inner] message, context in
          try await bulkhead.handle(&message, context) { message, context in
            await Task.yield()
            return try await inner.process(&message, context)
          }
        }
        if number % 7 == 0 { task.cancel() }
        group.addTask { _ = try? await task.value }
      }
    }
    #expect(inner.mostUnderWay <= 4)
    #expect(held == 0 && waiting == 0)
    _ = try await start(bulkhead).value
  }

  @Test("wrong options are reported")
  func options() {
    for options: Configuration in [["limit": 0], ["queue": -1], ["wait": "5s"], ["queue": 1, "wait": "0s"]] {
      #expect(throws: Diagnostics.self) { try bulkhead(options) }
    }
  }

  private var labels: Metrics.Labels { [("bulkhead", "orders/deliver")] }
  private var held: Int { metrics.gauge("omnibus_bulkhead_held", "", labels).value }
  private var waiting: Int { metrics.gauge("omnibus_bulkhead_waiting", "", labels).value }

  private func bulkhead(_ options: Configuration) throws -> Bulkhead {
    Bulkhead(try ComponentLoader([]).option(BulkheadOptions.self, options), context)
  }

  private func start(_ bulkhead: Bulkhead) -> Task<Next, any Error> { start(bulkhead.wrapping(inner.handler)) }

  private func start(_ body: @escaping Handler.Body) -> Task<Next, any Error> { start(Handler(body)) }

  private func start(_ handler: Handler) -> Task<Next, any Error> {
    Task { [context] in
      var message = Message()
      return try await handler(&message, context)
    }
  }
}
