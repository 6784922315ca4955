import Logging
import Omnibus
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

struct CircuitBreakerTests {
  let clock = ManualClock()
  let log = LogRecorder()
  let metrics = Metrics()

  static let quick: Configuration = ["minimum_calls": 2, "window": 2, "open_for": "10s", "trial_calls": 1]

  var context: Context { .testing(route: "orders", step: "deliver", clock: clock, log: log, metrics: metrics) }

  @Test("an open breaker refuses calls as unavailable until its time is over, and says how long that is")
  func refuses() async throws {
    let breaker = try breaker()
    await fail(breaker, times: 2)
    clock.advance(by: .seconds(4))
    let called = Recorder<Bool>()
    let failure = await failure(breaker) { _, _ in
      called.append(true)
      return .next
    }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason == "the circuit breaker orders/deliver is open")
    #expect(failure?.retryAfter == .seconds(6))
    #expect(called.all.isEmpty)
    #expect(breaker.status == .init(state: .open, calls: 2, failures: 2, refused: 1))
    #expect(counter("omnibus_breaker_refused_total") == 1)
  }

  @Test("only transient failures count by default, and those that are named instead of them")
  func kinds() async throws {
    for kind in Failure.Kind.allCases {
      let breaker = try breaker()
      await fail(breaker, kind, times: 2)
      #expect((breaker.status.state == .open) == Failure(kind, "").isTransient, "\(kind)")
      let named = try self.breaker(["minimum_calls": 2, "window": 2, "on": ["rejected"]])
      await fail(named, kind, times: 2)
      #expect((named.status.state == .open) == (kind == .rejected), "\(kind)")
    }
  }

  @Test("an answer that says no is an answer: it counts as a success")
  func rejection() async throws {
    let breaker = try breaker(["minimum_calls": 5, "window": 5])
    await fail(breaker, .rejected, times: 3)
    #expect(breaker.status == .init(state: .closed, calls: 3))
    #expect(counter("omnibus_breaker_calls_total", [("outcome", "success")]) == 3)
  }

  @Test("a call that is cancelled counts neither way")
  func cancelled() async throws {
    let breaker = try breaker()
    let task = Task { [context] in
      var message = Message()
      return try await breaker.handle(&message, context) { _, context in
        try await context.clock.sleep(for: .seconds(60))
        return .next
      }
    }
    await clock.waitForTimers()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(breaker.status == .init(state: .closed))
    #expect(counter("omnibus_breaker_calls_total", [("outcome", "cancelled")]) == 1)
  }

  @Test("calls that a timeout around it gave up count as timeouts, those whose sender went away do not")
  func timeouts() async throws {
    for isTimeout in [true, false] {
      let breaker = try breaker()
      let handler = Timeout(limit: .seconds(5)).wrapping(
        Timeout(limit: .seconds(50)).wrapping(
          breaker.wrapping(
            Handler { _, context in
              try await context.clock.sleep(for: .seconds(60))
              return .next
            })))
      for _ in 0..<2 {
        let task = Task { [context] in
          var message = Message()
          return try await handler(&message, context)
        }
        await clock.waitForTimers(3)
        if isTimeout { clock.advance(by: .seconds(5)) } else { task.cancel() }
        await #expect(throws: (any Error).self) { try await task.value }
        #expect(try await eventually { clock.timers == 0 || breaker.status.state == .open })
      }
      #expect(try await eventually { (breaker.status.state == .open) == isTimeout })
      breaker.force(.closed)
    }
  }

  @Test("becoming half open needs no call, and a log line is written for each change of state and for nothing else")
  func transitions() async throws {
    let breaker = try breaker()
    let seen = Recorder<BreakerStatus.State>()
    let number = breaker.onChange { seen.append($0.state) }
    await fail(breaker, times: 2)
    for _ in 0..<50 { _ = await failure(breaker) { _, _ in .next } }
    #expect(gauges == [.open: 1, .closed: 0, .halfOpen: 0])
    clock.advance(by: .seconds(10))
    #expect(breaker.status.state == .halfOpen)
    #expect(clock.timers == 0)
    #expect(await failure(breaker) { _, _ in .next } == nil)
    #expect(seen.all == [.open, .halfOpen, .closed])
    #expect(gauges == [.open: 0, .closed: 1, .halfOpen: 0])
    let lines = log.lines.all
    #expect(
      lines.map(\.message) == ["circuit breaker opened", "circuit breaker is half open", "circuit breaker closed"])
    #expect(lines.map(\.level) == [.warning, .info, .info])
    #expect(lines.first?.fields["breaker"] == "orders/deliver")
    #expect(lines.first?.fields["failures"] == "2")

    breaker.removeObserver(number)
    breaker.force(.open)
    #expect(seen.all.count == 3)
  }

  @Test("half open, a source is let in for each trial call, and asks again when a place is free")
  func admits() async throws {
    let breaker = try breaker([
      "minimum_calls": 2, "window": 2, "open_for": "10s", "trial_calls": 2, "pause_source": true,
    ])
    #expect(breaker.takesCalls && breaker.place == nil)
    await fail(breaker, times: 2)
    #expect(!breaker.takesCalls)
    clock.advance(by: .seconds(10))
    let told = Recorder<BreakerStatus>()
    let number = breaker.onChange { told.append($0) }
    let (first, second) = (try #require(breaker.place), try #require(breaker.place))
    #expect(!breaker.takesCalls && breaker.place == nil)
    #expect(await failure(breaker) { _, _ in .next }?.kind == .unavailable)
    // A message that did not get there gives its place back, once.
    second.end()
    second.end()
    #expect(told.all.count == 1 && breaker.takesCalls)
    let third = try #require(breaker.place)
    for permit in [first, third] {
      var message = Message()
      message.delivery = Delivery(received: 0, admission: Admission([permit]))
      _ = try await breaker.handle(&message, context) { _, _ in .next }
    }
    #expect(breaker.status.state == .closed && breaker.status.refused == 1)
    #expect(told.all.map(\.state) == [.halfOpen, .closed])
    #expect(clock.timers == 0)
    breaker.removeObserver(number)
  }

  @Test("sources hear when trial calls are allowed anew, as those before did not come")
  func admitsAnew() async throws {
    let breaker = try breaker([
      "minimum_calls": 2, "window": 2, "open_for": "10s", "trial_calls": 1, "pause_source": true,
    ])
    await fail(breaker, times: 2)
    clock.advance(by: .seconds(10))
    let told = Recorder<Bool>()
    _ = breaker.onChange { [unowned breaker] _ in told.append(breaker.takesCalls) }
    let lost = try #require(breaker.place)
    clock.advance(by: .seconds(10))
    #expect(told.all == [true])
    let place = try #require(breaker.place)
    lost.end()
    #expect(!breaker.takesCalls)
    place.end()
    #expect(breaker.takesCalls)
  }

  @Test("an operator's word holds whatever happens, also over the time that it would be open")
  func forced() async throws {
    let breaker = try breaker()
    await fail(breaker, times: 2)
    breaker.force(.open)
    #expect(clock.timers == 0)
    clock.advance(by: .seconds(3600))
    let failure = await failure(breaker) { _, _ in .next }
    #expect(failure?.kind == .unavailable && failure?.retryAfter == nil)
    #expect(breaker.status.isForced)
    breaker.force(.closed)
    await fail(breaker, times: 10)
    #expect(breaker.status.state == .closed)
    breaker.force(nil)
    #expect(breaker.status == .init(state: .closed, refused: 1))
  }

  @Test("a breaker that is thrown away leaves no timer")
  func timer() async throws {
    var breaker: CircuitBreaker? = try self.breaker()
    if let breaker { await fail(breaker, times: 2) }
    #expect(clock.timers == 1)
    breaker = nil
    #expect(clock.timers == 0)
  }

  @Test("a breaker under resources goes by its name, one around a route by the route's")
  func names() async throws {
    for (context, name) in [
      (context.with(resource: "beds"), "beds"),
      (Context.testing(route: "orders", step: "", metrics: Metrics()), "orders"),
      (Context.testing(route: "orders", step: "route", metrics: metrics), "orders"),
    ] {
      let breaker = try breaker(Self.quick, context)
      breaker.force(.open)
      #expect(await failure(breaker) { _, _ in .next }?.reason == "the circuit breaker \(name) is open")
      #expect(context.metrics.counter("omnibus_breaker_refused_total", "", [("breaker", name)]).value == 1)
    }
  }

  @Test("around retry it sees one call, within it each attempt")
  func withRetry() async throws {
    let retry: Configuration = ["attempts": 3, "backoff": ["initial": "1s", "type": "constant", "jitter": "none"]]
    let loose: Configuration = ["minimum_calls": 100, "window": 100]
    for (isOutside, calls) in [(true, 1), (false, 3)] {
      let breaker = try breaker(loose)
      let again = Retry(try ComponentLoader([]).option(RetryOptions.self, retry))
      let down = Handler { _, _ in throw Failure(.unavailable, "down") }
      let handler =
        isOutside
        ? breaker.wrapping(again.wrapping(down)) : again.wrapping(breaker.wrapping(down))
      let work = Task { [context] in
        var message = Message()
        return try await handler(&message, context)
      }
      for _ in 0..<2 { await clock.advanceToNext() }
      await #expect(throws: Failure.self) { try await work.value }
      #expect(breaker.status.calls == calls)
    }
  }

  @Test("wrong options are reported")
  func options() throws {
    for options: Configuration in [
      ["failure_rate": "0%"], ["failure_rate": "101%"], ["failure_rate": 50], ["failure_rate": "0.5"],
      ["slow_call_rate": "50%"], ["slow_call_duration": "0s"], ["window": 0], ["window": 10_001], ["window": "10ms"],
      ["window": "soon"], ["window": 5, "minimum_calls": 6], ["trial_calls": 0], ["on": ["cancelled"]],
      ["open_for": "0s"],
    ] { #expect(throws: Diagnostics.self) { try breaker(options) } }
    for options: Configuration in [
      [:], ["failure_rate": "100%"], ["window": "5s", "minimum_calls": 1000],
      ["slow_call_rate": "50%", "slow_call_duration": "4s"], ["pause_source": "true"],
    ] { #expect(throws: Never.self) { try breaker(options) } }
    #expect(try breaker(["pause_source": "true"]).pausesSource)
  }

  private func breaker(_ options: Configuration = quick, _ context: Context? = nil) throws -> CircuitBreaker {
    CircuitBreaker(try ComponentLoader([]).option(CircuitBreakerOptions.self, options), context ?? self.context)
  }

  private func fail(_ breaker: CircuitBreaker, _ kind: Failure.Kind = .unavailable, times: Int) async {
    for _ in 0..<times { _ = await failure(breaker) { _, _ in throw Failure(kind, "no") } }
  }

  private func failure(_ breaker: CircuitBreaker, _ next: @escaping Handler.Body) async -> Failure? {
    var message = Message()
    do {
      _ = try await breaker.handle(&message, context, next: next)
      return nil
    } catch {
      return Failure(error)
    }
  }

  private func counter(_ name: String, _ labels: Metrics.Labels = [], of breaker: String = "orders/deliver") -> Int {
    metrics.counter(name, "", [("breaker", breaker)] + labels).value
  }

  private var gauges: [BreakerStatus.State: Int] {
    Dictionary(
      uniqueKeysWithValues: BreakerStatus.State.allCases.map { state in
        let labels = [("breaker", "orders/deliver"), ("state", state.rawValue)]
        return (state, metrics.gauge("omnibus_breaker_state", "", labels).value)
      })
  }
}

extension CircuitBreaker {
  /// A place for a call; nil where there is none, or none is needed.
  fileprivate var place: Permit? { if case .held(let permit) = admit() { permit } else { nil } }
}
