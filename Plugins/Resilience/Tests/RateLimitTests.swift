import Omnibus
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

struct RateLimitTests {
  static let second: UInt64 = 1_000_000_000

  let clock = ManualClock()
  let metrics = Metrics()

  var context: Context { .testing(route: "orders", step: "deliver", clock: clock, metrics: metrics) }

  @Test("a full bucket gives its burst at once, and then a token each interval")
  func bucket() {
    let pace = TokenBucket.Pace(interval: Self.second, capacity: 3 * Self.second, longestWait: 0)
    var bucket = TokenBucket()
    #expect((0..<3).map { _ in bucket.wait(at: 10 * Self.second, pace) } == [0, 0, 0])
    #expect(bucket.take(at: 10 * Self.second, pace) == .refuse(retryAfter: Self.second))
    #expect(bucket.take(at: 10 * Self.second + 400_000_000, pace) == .refuse(retryAfter: 600_000_000))
    #expect(bucket.wait(at: 11 * Self.second, pace) == 0)
    #expect(bucket.wait(at: 11 * Self.second, pace) == nil)
    // It never holds more than it can.
    #expect((0..<4).map { _ in bucket.wait(at: 1000 * Self.second, pace) } == [0, 0, 0, nil])
  }

  @Test("those who wait get turns one interval apart, and a refusal takes none")
  func reservations() {
    let pace = TokenBucket.Pace(interval: Self.second, capacity: Self.second, longestWait: 2 * Self.second)
    var bucket = TokenBucket()
    let waits = (0..<5).map { _ in bucket.wait(at: 100 * Self.second, pace).map { $0 / Self.second } }
    #expect(waits == [0, 1, 2, nil, nil])
    #expect(bucket.take(at: 100 * Self.second, pace) == .refuse(retryAfter: 3 * Self.second))
  }

  @Test("a turn that is given back is free again where nobody waits behind it, and never makes the pace faster")
  func givingBack() throws {
    let pace = TokenBucket.Pace(interval: Self.second, capacity: Self.second, longestWait: 9 * Self.second)
    var bucket = TokenBucket()
    _ = bucket.take(at: 0, pace)
    guard case .take(_, let second) = bucket.take(at: 0, pace), case .take(_, let third) = bucket.take(at: 0, pace)
    else { return #expect(Bool(false), "there are turns") }
    bucket.giveBack(second, pace)
    #expect(bucket.wait(at: 0, pace) == 3 * Self.second)
    bucket.giveBack(third, pace)
    #expect(bucket.wait(at: 0, pace) == 4 * Self.second)
  }

  @Test("what comes too soon is refused as overloaded, and told when to come again")
  func refuses() async throws {
    let limit = try limit(["rate": "60/m", "burst": 2])
    for _ in 0..<2 { try await call(limit) }
    clock.advance(by: .milliseconds(250))
    let failure = await #expect(throws: Failure.self) { try await call(limit) }
    #expect(failure?.kind == .overloaded)
    #expect(failure?.reason == "more messages than the rate limit orders/deliver lets pass")
    #expect(failure?.retryAfter == .milliseconds(750))
    clock.advance(by: .milliseconds(750))
    try await call(limit)
    #expect(metrics.counter("omnibus_rate_limit_refused_total", "", [("rate_limit", "orders/deliver")]).value == 1)
  }

  @Test("messages wait for their turns, as long as they may")
  func waits() async throws {
    let limit = try limit(["rate": "10/s", "burst": 1, "wait": "150ms"])
    try await call(limit)
    let second = Task { [self] in try await call(limit) }
    await clock.waitForTimers()
    let failure = await #expect(throws: Failure.self) { try await call(limit) }
    #expect(failure?.retryAfter == .milliseconds(200))
    let start = clock.now
    await clock.advanceToNext()
    try await second.value
    #expect(clock.now - start == 100_000_000)
  }

  @Test("being cancelled while it waits gives the turn back")
  func cancelled() async throws {
    let limit = try limit(["rate": "1/s", "burst": 1, "wait": "1s"])
    try await call(limit)
    let second = Task { [self] in try await call(limit) }
    await clock.waitForTimers()
    second.cancel()
    await #expect(throws: CancellationError.self) { try await second.value }
    #expect(clock.timers == 0)
    let third = Task { [self] in try await call(limit) }
    await clock.advanceToNext()
    try await third.value
  }

  @Test("each value of the key has a limit of its own, and so many are kept")
  func keys() async throws {
    let limit = try limit(["rate": "1/h", "key": #"headers["x-partner"]"#, "keys": 2])
    for partner in ["a", "b"] {
      try await call(limit, partner)
      let failure = await #expect(throws: Failure.self) { try await call(limit, partner) }
      #expect(failure?.kind == .overloaded)
    }
    // A third one makes the one that was used longest ago begin anew.
    try await call(limit, "c")
    try await call(limit, "a")
    await #expect(throws: Failure.self) { try await call(limit, "c") }
  }

  @Test("a key that is null or too long fails the message, without what it holds")
  func badKeys() async throws {
    let limit = try limit(["rate": "1/h", "key": #"headers[?"x-partner"].orValue(null)"#])
    for (partner, reason) in [
      (nil, "the key is null, expected a value"),
      (String(repeating: "a", count: 1024), "the key has more than 1024 bytes"),
    ] {
      let failure = await #expect(throws: Failure.self) { try await call(limit, partner) }
      #expect(failure?.description == "invalid: \(reason)")
    }
  }

  @Test("wrong options are reported")
  func options() {
    for options: Configuration in [
      [:], ["rate": "1000001/s"], ["rate": 5], ["rate": "0/s"], ["rate": "1/s", "burst": 0],
      ["rate": "1/s", "keys": 5], ["rate": "1/s", "key": "1 +"],
    ] { #expect(throws: Diagnostics.self) { try limit(options) } }
    #expect(throws: Never.self) { try limit(["rate": "1000000/s"]) }
  }

  private func limit(_ options: Configuration) throws -> RateLimit {
    RateLimit(try ComponentLoader([]).option(RateLimitOptions.self, options), context)
  }

  private func call(_ limit: RateLimit, _ partner: String? = nil) async throws {
    var message = Message()
    message.headers["x-partner"] = partner
    _ = try await limit.handle(&message, context) { _, _ in .next }
  }
}

extension TokenBucket {
  /// How long somebody waits for a token; nil where there is none.
  fileprivate mutating func wait(at now: UInt64, _ pace: Pace) -> UInt64? {
    if case .take(let wait, _) = take(at: now, pace) { wait } else { nil }
  }
}
