public import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// A clock that stands still until a test moves it: what waits for hours runs in no time, and always the same way.
public final class ManualClock: EngineClock {
  private struct Timer {
    var deadline: UInt64
    var action: @Sendable () -> Void
  }

  private struct Waiter {
    var timers: Int
    var resume: @Sendable () -> Void
  }

  private struct State {
    var now: UInt64 = 1_000_000_000
    var scheduled = 0
    var timers: [Int: Timer] = [:]
    var waiters: [Waiter] = []
  }

  private let state = Mutex(State())
  private let wallTimeAtZero: Double

  /// A clock that shows `wallTime`, seconds since 1970: by default 2023-11-14T22:13:20Z.
  public init(wallTime: Double = 1_700_000_000) { wallTimeAtZero = wallTime - 1 }

  /// Nanoseconds; starts at one second.
  public var now: UInt64 { state.withLock { $0.now } }

  /// Seconds since 1970.
  public var wallTime: Double { wallTimeAtZero + Double(now) / 1e9 }

  /// How many actions are scheduled that have neither run nor been cancelled.
  public var timers: Int { state.withLock { $0.timers.count } }

  /// How long it is until the next action; nil when none is scheduled.
  public var next: Duration? {
    state.withLock { state in
      state.timers.values.map(\.deadline).min().map { .nanoseconds(Int64($0 - min($0, state.now))) }
    }
  }

  /// Runs `action` once the clock has been moved by `delay`.
  public func schedule(after delay: Duration, _ action: @escaping @Sendable () -> Void) -> ScheduledAction {
    let (number, ready) = state.withLock { state in
      state.scheduled += 1
      state.timers[state.scheduled] = Timer(deadline: state.now &+ delay.nanosecondsClamped, action: action)
      let ready = state.waiters.filter { $0.timers <= state.timers.count }
      state.waiters.removeAll { $0.timers <= state.timers.count }
      return (state.scheduled, ready)
    }
    for waiter in ready { waiter.resume() }
    return ScheduledAction { [self] in state.withLock { _ = $0.timers.removeValue(forKey: number) } }
  }

  /// Waits until at least `count` actions are scheduled: that what is tested has come to where it waits.
  public func waitForTimers(_ count: Int = 1) async {
    await withUnsafeContinuation { continuation in
      let isThere = state.withLock { state in
        if state.timers.count >= count { return true }
        state.waiters.append(Waiter(timers: count) { continuation.resume() })
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Moves the clock, and runs what becomes due in the order of its deadlines.
  public func advance(by duration: Duration) {
    let target = now &+ duration.nanosecondsClamped
    while let action = takeDue(at: target) { action() }
    state.withLock { $0.now = max($0.now, target) }
  }

  /// Waits until something is scheduled, then moves the clock to when it is due.
  public func advanceToNext() async {
    await waitForTimers()
    if let next { advance(by: next) }
  }

  private func takeDue(at target: UInt64) -> (@Sendable () -> Void)? {
    state.withLock { state in
      let first = state.timers.min { ($0.value.deadline, $0.key) < ($1.value.deadline, $1.key) }
      guard let (number, timer) = first, timer.deadline <= target else { return nil }
      state.timers[number] = nil
      state.now = max(state.now, timer.deadline)
      return timer.action
    }
  }
}
