internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Where deliveries wait for the workers of a source, and what became of them for the thread that they came by.
final class ConsumeDesk: Sendable {
  /// What the thread is to do next.
  struct Work {
    var settled: [(tag: Inbound.Tag, verdict: Verdict)] = []
    var isEnding = false
    var isStopping = false
  }

  private enum Sleep {
    case awake
    /// Waits a moment for more to settle.
    case lingering
    case asleep
  }

  private struct State {
    var ready: [Inbound] = []
    var head = 0
    var waiting: [UnsafeContinuation<Bool, Never>] = []
    var settled: [(tag: Inbound.Tag, verdict: Verdict)] = []
    /// How many deliveries of the present connection were handed out and not settled.
    var open = 0
    var connection = 0
    /// Whether there is a connection, over which something may be to be told.
    var isConnected = false
    var held: [Inbound.Tag: ScheduledAction] = [:]
    var sleep = Sleep.awake
    var isStopping = false
    var isEnding = false
    var ended: UnsafeContinuation<Void, Never>?
  }

  /// How many settle before the thread is woken for them in the middle of its waiting.
  private let enough: Int
  private let wakeUp: WakeUp
  private let state = Mutex(State())

  init(prefetch: Int) throws(SystemError) {
    enough = max(1, prefetch / 4)
    wakeUp = try WakeUp()
  }

  // MARK: for the workers

  /// Waits until deliveries may be there; false when no more come.
  func mayHaveMessages() async -> Bool {
    await withUnsafeContinuation { continuation in
      let answer: Bool? = state.withLock { state in
        if state.isStopping { return false }
        if state.head < state.ready.count { return true }
        state.waiting.append(continuation)
        return nil
      }
      if let answer { continuation.resume(returning: answer) }
    }
  }

  /// Takes the oldest delivery; nil where there is none.
  func take() -> Inbound? {
    state.withLock { state in
      guard !state.isStopping, state.head < state.ready.count else { return nil }
      let inbound = state.ready[state.head]
      state.head += 1
      if state.head == state.ready.count {
        state.ready.removeAll(keepingCapacity: true)
        state.head = 0
      } else if state.head >= 1024 {
        state.ready.removeFirst(state.head)
        state.head = 0
      }
      return inbound
    }
  }

  /// Says what became of a delivery.
  func settle(_ tag: Inbound.Tag, _ verdict: Verdict) {
    let mustWake = state.withLock { state in
      state.held[tag] = nil
      guard tag.connection == state.connection else { return false }
      state.settled.append((tag, verdict))
      state.open -= 1
      let isDue = state.sleep == .asleep || state.settled.count >= enough || state.open == 0
      guard state.sleep != .awake, isDue else { return false }
      state.sleep = .awake
      return true
    }
    if mustWake { wakeUp.wake() }
  }

  /// Gives a delivery back to its queue after a while. What the source ends before then goes back with its connection.
  func requeue(_ tag: Inbound.Tag, after delay: Duration, _ clock: any EngineClock) {
    guard delay > .zero else { return settle(tag, .requeued) }
    let action = clock.schedule(after: delay) { [weak self] in self?.settle(tag, .requeued) }
    let isLate = state.withLock { state in
      guard tag.connection == state.connection, !state.isEnding else { return true }
      state.held[tag] = action
      return false
    }
    if isLate { action.cancel() }
  }

  /// Lets workers take no more.
  func stop() {
    let waiting = state.withLock { state in
      state.isStopping = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for worker in waiting { worker.resume(returning: false) }
    wakeUp.wake()
  }

  /// Has the thread tell what is settled and close the connection, and waits for that; not for a thread that is about to
  /// connect, which ends when it has, or cannot.
  func end() async {
    let held = state.withLock { state in
      state.isEnding = true
      defer { state.held = [:] }
      return Array(state.held.values)
    }
    for action in held { action.cancel() }
    wakeUp.wake()
    await withUnsafeContinuation { continuation in
      let isOver = state.withLock { state in
        guard state.isConnected else { return true }
        state.ended = continuation
        return false
      }
      if isOver { continuation.resume() }
    }
  }

  // MARK: for the thread

  /// Begins a connection: what came over the last one comes again, and cannot be settled any more. Nil where the source
  /// ends.
  func beginConnection() -> Int? {
    let (number, held) = state.withLock { state -> (Int?, [ScheduledAction]) in
      guard !state.isEnding else { return (nil, []) }
      state.connection += 1
      state.isConnected = true
      state.ready = []
      state.head = 0
      state.settled = []
      state.open = 0
      defer { state.held = [:] }
      return (state.connection, Array(state.held.values))
    }
    for action in held { action.cancel() }
    return number
  }

  /// Hands deliveries to the workers.
  func add(_ deliveries: [Inbound]) {
    let woken = state.withLock { state in
      state.ready.append(contentsOf: deliveries)
      state.open += deliveries.count
      let woken = state.waiting.suffix(deliveries.count)
      state.waiting.removeLast(woken.count)
      return woken
    }
    for worker in woken { worker.resume(returning: true) }
  }

  /// Takes back what no worker has taken.
  func takeBack() -> [Inbound] {
    state.withLock { state in
      let back = Array(state.ready[state.head...])
      state.ready = []
      state.head = 0
      state.open -= back.count
      return back
    }
  }

  /// Takes what is to be told; nothing where it is better to wait for more a moment longer.
  func takeSettled(mayLinger: Bool) -> Work? {
    state.withLock { state in
      if mayLinger, !state.settled.isEmpty, state.settled.count < enough, state.open > 0, !state.isEnding {
        state.sleep = .lingering
        return nil
      }
      state.sleep = .awake
      defer { state.settled = [] }
      return Work(settled: state.settled, isEnding: state.isEnding, isStopping: state.isStopping)
    }
  }

  /// Waits for the socket, or for something to tell.
  func sleep(socket: Int32, milliseconds: Int32) {
    let maySleep = state.withLock { state in
      guard state.settled.isEmpty, !state.isEnding else { return false }
      state.sleep = .asleep
      return true
    }
    if maySleep { wakeUp.wait(for: socket, milliseconds: milliseconds) }
  }

  /// Waits a moment, as long as little is to be told.
  func linger(socket: Int32) { wakeUp.wait(for: socket, milliseconds: 1) }

  /// Waits before connecting again; false where the source ends.
  func pause(milliseconds: Int32) -> Bool {
    let end = MonotonicTime.now + UInt64(milliseconds) * 1_000_000
    while true {
      if state.withLock({ $0.isEnding || $0.isStopping }) { return false }
      let now = MonotonicTime.now
      if now >= end { return true }
      wakeUp.wait(for: -1, milliseconds: Int32((end - now) / 1_000_000 + 1))
    }
  }

  /// Says that there is no connection any more.
  func endConnection() {
    let ended = state.withLock { state in
      state.isConnected = false
      defer { state.ended = nil }
      return state.ended
    }
    ended?.resume()
  }
}
