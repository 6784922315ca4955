internal import Omnibus
internal import Synchronization

/// Who wants to know when messages may be ready, and the clock's timer for what becomes ready by itself.
final class QueueSignals: Sendable {
  private struct State {
    var observers: [String: [Int: @Sendable () -> Void]] = [:]
    var last = 0
    var timer: (moment: Int64, action: ScheduledAction)?
    var wake: (@Sendable () -> Void)?
  }

  private let clock: any EngineClock
  private let state = Mutex(State())

  init(clock: any EngineClock) { self.clock = clock }

  /// Calls `wake` when the clock comes to what `tell` was told.
  func onTime(_ wake: @escaping @Sendable () -> Void) { state.withLock { $0.wake = wake } }

  func add(_ body: @escaping @Sendable () -> Void, to queue: String) -> Int {
    state.withLock { state in
      state.last += 1
      state.observers[queue, default: [:]][state.last] = body
      return state.last
    }
  }

  func remove(_ number: Int, from queue: String) {
    let removed = state.withLock { state in
      let removed = state.observers[queue]?.removeValue(forKey: number)
      if state.observers[queue]?.isEmpty == true { state.observers[queue] = nil }
      return removed
    }
    // What it holds is let go of here, where no lock is held.
    _ = removed
  }

  /// Tells the observers of queues, and lets the clock wake the writer at `moment`, if anybody wants to know.
  func tell(_ queues: Set<String>, wakeAt moment: Int64, by time: StoreTime) {
    let (observers, isNew, former) = state.withLock { state -> ([@Sendable () -> Void], Bool, ScheduledAction?) in
      let observers = queues.flatMap { state.observers[$0].map { Array($0.values) } ?? [] }
      let isNeeded = !state.observers.isEmpty && moment != .max
      // One whose moment is over has rung, or was set while it rang.
      if let timer = state.timer, timer.moment <= moment, timer.moment > time.now || !isNeeded {
        return (observers, false, nil)
      }
      defer { state.timer = nil }
      return (observers, isNeeded, state.timer?.action)
    }
    former?.cancel()
    for observer in observers { observer() }
    if isNew { arm(moment, by: time) }
  }

  private func arm(_ moment: Int64, by time: StoreTime) {
    while true {
      let now = time.now
      guard moment > now else { return ring() }
      let action = clock.schedule(after: .nanoseconds(moment - now)) { [weak self] in self?.ring() }
      // A clock that leaps in between has set the timer too late.
      if time.now - now < 1_000_000 {
        state.withLock { $0.timer = (moment, action) }
        return
      }
      action.cancel()
    }
  }

  private func ring() {
    let wake = state.withLock { $0.wake }
    wake?()
  }

  /// Tells nobody any more.
  func end() {
    let ended = state.withLock { state in
      defer { state = State() }
      return state
    }
    ended.timer?.action.cancel()
  }
}
