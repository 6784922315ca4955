internal import Glibc
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Where messages wait for the thread that publishes them.
final class PublishDesk: Sendable {
  /// What the thread is to do next.
  struct Work {
    var batch: ArraySlice<Publication> = []
    var isEnding = false
  }

  private struct State {
    var waiting: [Publication] = []
    /// How many messages the thread has that have not ended.
    var unconfirmed = 0
    var isAsleep = false
    var isEnding = false
    var isTicking = false
    /// Whether the broker takes no messages for now.
    var isBlocked = false
    /// Whether somebody waits for the next attempt to connect.
    var isHurried = false
    var socket: Int32 = -1
    /// Since when the thread writes, in the clock's nanoseconds; nil while it does not.
    var writingSince: UInt64?
  }

  /// What one batch has at the most, so that the broker is listened to in between.
  private static let maxBatch = (count: 256, bytes: 1 << 20)

  let timeout: Duration
  private let clock: any EngineClock
  private let wakeUp: WakeUp
  private let state = Mutex(State())

  init(timeout: Duration, _ clock: any EngineClock) throws(SystemError) {
    self.timeout = timeout
    self.clock = clock
    wakeUp = try WakeUp()
  }

  /// The clock's nanoseconds.
  var now: UInt64 { clock.now }

  // MARK: for those who publish

  /// Hands a message to the thread, and waits for its end.
  func publish(_ publication: Publication) async throws -> Content? {
    let (mustWake, mustTick) = state.withLock { state in
      state.waiting.append(publication)
      // The thread looks at all that waits when it is woken; it need not be for each.
      let mustWake = state.isAsleep && state.waiting.count == 1
      if mustWake { state.isAsleep = false }
      defer { state.isTicking = true }
      return (mustWake, !state.isTicking)
    }
    if mustWake { wakeUp.wake() }
    if mustTick { scheduleTick() }
    return try await publication.end()
  }

  /// Has the thread try again at once where it waits before it connects.
  func hurry() {
    state.withLock { $0.isHurried = true }
    wakeUp.wake()
  }

  /// Lets the thread end.
  func end() {
    state.withLock { $0.isEnding = true }
    wakeUp.wake()
  }

  /// Looks after what takes too long, as long as there are messages: one timer for all.
  private func scheduleTick() {
    _ = clock.schedule(after: max(timeout / 10, .milliseconds(10))) { [self] in tick() }
  }

  private func tick() {
    let now = clock.now
    let (late, isBlocked, goesOn) = state.withLock { state in
      let late = state.waiting.prefix { $0.deadline <= now || $0.hasEnded }
      state.waiting.removeFirst(late.count)
      state.isTicking = !state.waiting.isEmpty || state.unconfirmed > 0
      state.isAsleep = false
      // A broker that reads no more holds the thread as long as it likes; whoever waits is told in time.
      if let since = state.writingSince, now - since >= timeout.nanosecondsClamped, state.socket >= 0 {
        shutdown(state.socket, Int32(SHUT_RDWR))
      }
      return (late, state.isBlocked, state.isTicking)
    }
    let reason =
      isBlocked
      ? "the broker takes no messages, as it is short of memory or disk" : "the broker did not take the message"
    for publication in late {
      publication.end(.failure(Failure(.unavailable, "\(reason), within \(timeout.text)")))
    }
    wakeUp.wake()
    if goesOn { scheduleTick() }
  }

  // MARK: for the thread

  /// Waits before connecting again; false where all is to end.
  func pause(milliseconds: Int32) -> Bool {
    let end = MonotonicTime.now + UInt64(milliseconds) * 1_000_000
    while true {
      let (isEnding, isHurried) = state.withLock { state in
        defer { state.isHurried = false }
        return (state.isEnding, state.isHurried)
      }
      if isEnding { return false }
      if isHurried { return true }
      let now = MonotonicTime.now
      if now >= end { return true }
      wakeUp.wait(for: -1, milliseconds: Int32((end - now) / 1_000_000 + 1))
    }
  }

  /// Takes messages, as many as there is room for.
  func take(room: Int, unconfirmed: Int) -> Work {
    state.withLock { state in
      state.isAsleep = false
      state.unconfirmed = unconfirmed
      guard room > 0, !state.waiting.isEmpty else { return Work(isEnding: state.isEnding) }
      var (count, bytes) = (0, 0)
      while count < min(room, Self.maxBatch.count, state.waiting.count), bytes < Self.maxBatch.bytes {
        bytes += state.waiting[count].body.count
        count += 1
      }
      let batch: ArraySlice<Publication>
      if count == state.waiting.count {
        batch = state.waiting[...]
        state.waiting = []
      } else {
        batch = ArraySlice(Array(state.waiting[..<count]))
        state.waiting.removeFirst(count)
      }
      // Until it is counted anew.
      state.unconfirmed += batch.count
      state.writingSince = clock.now
      return Work(batch: batch, isEnding: state.isEnding)
    }
  }

  /// Takes messages back that were not sent; they are the oldest.
  func giveBack(_ batch: ArraySlice<Publication>) { state.withLock { $0.waiting.insert(contentsOf: batch, at: 0) } }

  /// Notes that the thread has written what it took.
  func noteWritten() { state.withLock { $0.writingSince = nil } }

  /// Notes the connection's socket, -1 for none, and whether the broker has blocked it.
  func note(socket: Int32, isBlocked: Bool) {
    state.withLock { state in
      state.socket = socket
      state.isBlocked = isBlocked
      if socket < 0 {
        state.writingSince = nil
        state.unconfirmed = 0
      }
    }
  }

  /// Ends all that waits, as the broker cannot be reached.
  func fail(_ failure: Failure) {
    let waiting = state.withLock { state in
      defer { state.waiting = [] }
      return state.waiting
    }
    for publication in waiting { publication.end(.failure(failure)) }
  }

  /// Waits for the socket or for messages, where there are none that could be sent.
  func sleep(room: Int, unconfirmed: Int, socket: Int32, milliseconds: Int32) {
    let maySleep = state.withLock { state in
      state.unconfirmed = unconfirmed
      state.isAsleep = (state.waiting.isEmpty || room <= 0) && !state.isEnding
      return state.isAsleep
    }
    guard maySleep else { return }
    wakeUp.wait(for: socket, milliseconds: milliseconds)
  }
}
