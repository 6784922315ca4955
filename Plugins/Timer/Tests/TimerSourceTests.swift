import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import TimerPlugin

struct TimerSourceTests {
  let clock = ManualClock(wallTime: 1_700_000_000)
  let stop = StopSignal()
  let ticks = Recorder<Int64>()

  @Test("ticks come every period, the first when it has passed once")
  func every() async throws {
    let task = start(.every(.seconds(10)))
    await clock.waitForTimers()
    #expect(clock.next == .seconds(10))
    for count in 1...3 {
      await clock.advanceToNext()
      await ticks.wait(for: count)
    }
    #expect(ticks.all == [1_700_000_010, 1_700_000_020, 1_700_000_030])
    stop.signal()
    try await task.value
  }

  @Test("ticks that come while a message is worked on are left out, and the others keep their times")
  func slow() async throws {
    let task = start(.every(.seconds(10))) { [clock] _ in try await clock.sleep(for: .seconds(35)) }
    await clock.advanceToNext()
    await ticks.wait(for: 1)
    await clock.advanceToNext()
    await clock.waitForTimers()
    #expect(clock.next == .seconds(5))
    await clock.advanceToNext()
    #expect(await ticks.wait(for: 2) == [1_700_000_010, 1_700_000_050])
    stop.signal()
    await clock.advanceToNext()
    try await task.value
  }

  @Test("a clock that moves on while it is read does no harm")
  func hasty() async throws {
    let task = Task { [stop] in
      try await TimerSource(schedule: .every(.milliseconds(1))).run(
        .testing(context: .testing(clock: HastyClock()), stop: stop) { [ticks] _ in
          ticks.append(0)
          return .next
        })
    }
    await ticks.wait(for: 10)
    stop.signal()
    try await task.value
  }

  @Test("a message that fails is not the end of the timer")
  func failing() async throws {
    let task = start(.every(.seconds(1))) { _ in throw Failure(.unavailable, "down") }
    for count in 1...3 {
      await clock.advanceToNext()
      await ticks.wait(for: count)
    }
    stop.signal()
    try await task.value
  }

  @Test("a cron expression ticks at its times, however far away they are")
  func cron() async throws {
    // 2023-11-14T22:13:20Z.
    let task = start(.cron(try CronExpression("0 0 15 11 *")))
    while ticks.all.isEmpty {
      await clock.waitForTimers()
      #expect(clock.next ?? .zero <= .seconds(60))
      await clock.advanceToNext()
      if clock.wallTime >= 1_700_006_400 { await ticks.wait(for: 1) }
    }
    #expect(ticks.all == [1_700_006_400])
    stop.signal()
    try await task.value
  }

  @Test("stopping lets the message under way end")
  func stopping() async throws {
    let ended = Recorder<Bool>()
    let task = start(.every(.seconds(1))) { [clock] _ in
      try await clock.sleep(for: .seconds(5))
      ended.append(true)
    }
    await clock.advanceToNext()
    await ticks.wait(for: 1)
    stop.signal()
    await clock.advanceToNext()
    try await task.value
    #expect(ended.all == [true])
  }

  @Test("the first tick while the route is paused waits, and the others are left out")
  func paused() async throws {
    let resumed = StopSignal()
    let admitted = Recorder<Bool>()
    let asked = Recorder<Bool>()
    let deliver = Deliver(
      context: .testing(clock: clock), stop: stop,
      admission: {
        asked.append(true)
        await resumed.wait()
        return Admission()
      }
    ) { message, _ in
      admitted.append(message.delivery?.admission != nil)
      return .next
    }
    let task = Task { try await TimerSource(schedule: .every(.seconds(10))).run(deliver) }
    await clock.advanceToNext()
    await asked.wait(for: 1)
    clock.advance(by: .seconds(35))
    resumed.signal()
    await clock.waitForTimers()
    #expect(admitted.all == [true])
    #expect(clock.next == .seconds(5))
    stop.signal()
    try await task.value
  }

  @Test("being cancelled ends the timer")
  func cancelled() async {
    let task = start(.every(.seconds(1)))
    await clock.waitForTimers()
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("either a period or a cron expression is needed, not both")
  func options() {
    let loader = ComponentLoader([.timer])
    #expect(throws: Diagnostics.self) { try loader.make(.source, "timer", [:]) }
    #expect(throws: Diagnostics.self) { try loader.make(.source, "timer", ["every": "1s", "cron": "* * * * *"]) }
    #expect(throws: Diagnostics.self) { try loader.make(.source, "timer", ["every": "0s"]) }
    #expect(throws: Never.self) { try loader.make(.source, "timer", ["cron": "* * * * *"]) }
  }

  private func start(
    _ schedule: TimerSource.Schedule,
    _ work: @escaping @Sendable (Message) async throws -> Void = { _ in }
  ) -> Task<Void, any Error> {
    let deliver = Deliver.testing(context: .testing(clock: clock), stop: stop) { [ticks] message in
      if case .timestamp(let time) = message.properties["timer"]?.member("time") { ticks.append(time.seconds) }
      try await work(message)
      return .next
    }
    return Task { try await TimerSource(schedule: schedule).run(deliver) }
  }
}

/// A clock that moves by nearly a millisecond whenever it is read, and waits for nothing.
private final class HastyClock: EngineClock {
  private let reads = Atomic<UInt64>(0)

  var now: UInt64 { reads.add(1, ordering: .relaxed).newValue * 999_999 }
  var wallTime: Double { 0 }

  func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> ScheduledAction {
    action()
    return ScheduledAction {}
  }
}
