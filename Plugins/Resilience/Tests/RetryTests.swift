import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import ResiliencePlugin

struct RetryTests {
  let clock = ManualClock()

  @Test("a transient failure is tried again until it succeeds, each time with the message as it came in")
  func succeedsLater() async throws {
    let seen = Recorder<String>()
    var message = Message(headers: ["x": "in"])
    let result = try await run(["attempts": 5], &message, waits: 2) { message, attempt in
      seen.append(message.headers["x"] ?? "")
      message.headers["x"] = "changed by attempt \(attempt)"
      if attempt < 3 { throw Failure(.unavailable, "down") }
      return .next
    }
    #expect(result == .next)
    #expect(seen.all == ["in", "in", "in"])
    #expect(message.headers["x"] == "changed by attempt 3")
  }

  @Test("attempts counts the first, and the last failure says how many there were")
  func givesUp() async throws {
    let failure = await failure(["attempts": 3], waits: 2) { _, _ in throw Failure(.unavailable, "down") }
    #expect(failure?.description == "unavailable: down, after 3 attempts")
  }

  @Test("the last failure has the number of attempts, those of a retry within it counted one by one")
  func attempts() async {
    let failure = await failure(["attempts": 3], waits: 2) { _, attempt in
      var failure = Failure(.unavailable, "down")
      failure.attempts = attempt
      throw failure
    }
    #expect(failure?.attempts == 6)
    let once = await self.failure([:], waits: 0) { _, _ in throw Failure(.rejected, "no") }
    #expect(once?.attempts == 1)
  }

  @Test("a line of the log about another attempt names the message and its trace")
  func logged() async throws {
    let log = LogRecorder()
    let retry = try retry(["attempts": 2])
    var message = Message()
    let id = message.id.description
    message.trace = TraceContext(["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    let sent = message
    let work = Task { [clock] in
      var message = sent
      return try await retry.handle(&message, .testing(clock: clock, log: log)) { _, _ in
        throw Failure(.unavailable, "down")
      }
    }
    await clock.advanceToNext()
    await #expect(throws: Failure.self) { try await work.value }
    let line = try #require(log.lines.all.first)
    #expect(line.message == "trying again" && line.fields["message_id"] == id)
    #expect(line.fields["trace_id"] == "0af7651916cd43dd8448eb211c80319c" && line.fields["attempt"] == "1")
  }

  @Test("what may have taken effect is not done again, unless the route says so")
  func outcomeUnknown() async {
    let once = await failure([:], waits: 0) { _, _ in throw Failure(.outcomeUnknown, "cut") }
    #expect(once?.attempts == 1)
    let again = await failure(["on": ["outcome_unknown"], "attempts": 2], waits: 1) { _, _ in
      throw Failure(.outcomeUnknown, "cut")
    }
    #expect(again?.attempts == 2)
  }

  @Test("a failure that will be there next time is not tried again")
  func permanent() async {
    let failure = await failure([:], waits: 0) { _, _ in throw Failure(.rejected, "no") }
    #expect(failure?.description == "rejected: no")
  }

  @Test("kinds that are named are tried again, and no others")
  func named() async {
    let rejected = await failure(["on": ["rejected"], "attempts": 2], waits: 1) { _, _ in throw Failure(.rejected, "no")
    }
    #expect(rejected?.reason == "no, after 2 attempts")
    let unavailable = await failure(["on": ["rejected"]], waits: 0) { _, _ in throw Failure(.unavailable, "down") }
    #expect(unavailable?.reason == "down")
  }

  @Test("a retry that fails with another failure follows that failure's kind, and the count goes on")
  func changingKind() async {
    let failure = await failure(["attempts": 5], waits: 2) { _, attempt in
      throw attempt < 3 ? Failure(.timeout, "slow") : Failure(.invalid, "wrong")
    }
    #expect(failure?.description == "invalid: wrong, after 3 attempts")
    let counted = await self.failure(["attempts": 3], waits: 2) { _, attempt in
      throw attempt == 1 ? Failure(.timeout, "slow") : Failure(.unavailable, "down")
    }
    #expect(counted?.description == "unavailable: down, after 3 attempts")
  }

  @Test("the other side is left alone for as long as it asks")
  func retryAfter() async throws {
    let waits: Configuration = ["backoff": ["initial": "1s", "max": "20s", "jitter": "none"], "attempts": 2]
    for (asked, waited) in [(0, 1), (5, 5), (20, 20)] {
      let start = clock.now
      _ = await failure(waits, waits: 1) { _, _ in
        throw Failure(.overloaded, "busy", retryAfter: .seconds(asked))
      }
      #expect(clock.now - start == UInt64(waited) * 1_000_000_000)
    }
  }

  @Test("one who asks for more than the longest wait, or than is left of the budget, is not asked again")
  func retryAfterTooLong() async {
    let start = clock.now
    for options: Configuration in [
      ["backoff": ["initial": "1s", "max": "20s", "jitter": "none"], "attempts": 9],
      ["backoff": ["initial": "1s", "max": "1h", "jitter": "none"], "attempts": 9, "budget": "21s"],
    ] {
      let failure = await failure(options, waits: 0) { _, _ in
        throw Failure(.overloaded, "busy", retryAfter: .seconds(21))
      }
      #expect(failure?.description == "overloaded: busy")
      #expect(failure?.retryAfter == .seconds(21))
    }
    #expect(clock.now == start)
  }

  @Test("no attempt starts after the budget")
  func budget() async {
    let options: Configuration = [
      "attempts": 100, "budget": "10s", "backoff": ["initial": "4s", "type": "constant", "jitter": "none"],
    ]
    let failure = await failure(options, waits: 2) { _, _ in throw Failure(.unavailable, "down") }
    #expect(failure?.reason == "down, after 3 attempts")
  }

  @Test("being cancelled ends it at once, also while it waits")
  func cancelled() async {
    let task = Task { [clock] in
      var message = Message()
      return try await retry([:]).handle(&message, .testing(clock: clock)) { _, _ in throw Failure(.unavailable, "down")
      }
    }
    await clock.waitForTimers()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
    #expect(clock.timers == 0)
  }

  @Test("a stream is read once, so what failed with one is not tried again")
  func stream() async {
    var message = Message(body: .stream(BodyStream { nil }))
    await #expect(throws: Failure.self) {
      try await run([:], &message, waits: 0) { _, _ in throw Failure(.unavailable, "down") }
    }
  }

  @Test("wrong options are reported")
  func options() throws {
    #expect(throws: Diagnostics.self) { try retry(["attempts": 0]) }
    #expect(throws: Diagnostics.self) { try retry(["on": ["cancelled"]]) }
    #expect(throws: Diagnostics.self) { try retry(["budget": "0s"]) }
    #expect(throws: Diagnostics.self) { try retry(["backoff": ["type": "linear", "factor": "2"]]) }
  }

  private func retry(_ options: Configuration) throws -> Retry {
    Retry(try ComponentLoader([]).option(RetryOptions.self, options))
  }

  /// Runs the middleware, and moves the clock on as often as it waits.
  private func run(
    _ options: Configuration, _ message: inout Message, waits: Int,
    _ body: @escaping @Sendable (inout Message, Int) async throws -> Next
  ) async throws -> Next {
    let retry = try retry(options)
    let copy = message
    async let result = { [clock] in
      let attempts = Mutex(0)
      let box = Box(attempts)
      var message = copy
      let next = try await retry.handle(&message, .testing(clock: clock)) { message, _ in
        try await body(&message, box.next())
      }
      return (message, next)
    }()
    for _ in 0..<waits { await clock.advanceToNext() }
    let (changed, next) = try await result
    message = changed
    return next
  }

  private func failure(
    _ options: Configuration, waits: Int, _ body: @escaping @Sendable (inout Message, Int) async throws -> Next
  ) async -> Failure? {
    var message = Message()
    do {
      _ = try await run(options, &message, waits: waits, body)
      return nil
    } catch {
      return Failure(error)
    }
  }

  private final class Box: Sendable {
    private let count: Mutex<Int>
    init(_ count: consuming Mutex<Int>) { self.count = count }

    func next() -> Int {
      count.withLock { count in
        count += 1
        return count
      }
    }
  }
}
