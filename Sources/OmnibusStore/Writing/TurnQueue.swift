internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// What waits for one thread, which takes as much of it at a time as makes a turn.
final class TurnQueue<Element: Sendable>: Sendable {
  /// At most so many wait, of at most so many bytes, beyond the turn that is done; more are refused.
  private static var mostWaiting: Int { 1 << 16 }
  private static var mostBytes: Int { 64 << 20 }
  /// What one takes beside its own bytes, about.
  private static var overhead: Int { 256 }

  private struct State {
    var waiting: [(element: Element, size: Int)] = []
    var bytes = 0
    var isAsleep = false
    /// Whether there is to be a turn, whoever waits.
    var isRung = false
    var isClosed = false
  }

  private let bytesOfTurn: Int
  private let state = Mutex(State())
  private let work = Semaphore()

  /// A queue whose turns take up to about so many bytes.
  init(bytesOfTurn: Int) { self.bytesOfTurn = bytesOfTurn }

  /// Adds one, for which there will be a turn at once.
  func add(_ element: Element, size: Int) throws(Failure) {
    let (isAsleep, refusal) = state.withLock { state -> (Bool, Failure?) in
      guard !state.isClosed else { return (false, Failure(.unavailable, "the store is closed")) }
      guard state.waiting.count < Self.mostWaiting, state.bytes < Self.mostBytes else {
        return (false, Failure(.overloaded, "the store has more to write than it can"))
      }
      Self.append(element, size, to: &state)
      return (Self.ring(&state), nil)
    }
    if let refusal { throw refusal }
    if isAsleep { work.signal() }
  }

  /// Adds one that may wait until there is a turn anyway. Whoever calls it bounds how many there are.
  func addQuietly(_ element: Element, size: Int) {
    state.withLock { Self.append(element, size, to: &$0) }
  }

  /// Has a turn at once, though nothing may wait.
  func ring() {
    if state.withLock({ Self.ring(&$0) }) { work.signal() }
  }

  /// Refuses all that comes later; what waits has its turn.
  func close() {
    state.withLock { $0.isClosed = true }
    ring()
  }

  /// What the thread has to do next, which may be nothing but to look at the clock; nil when there is no more to come. With
  /// a limit in milliseconds it is nothing when that has passed.
  func next(within limit: Int? = nil) -> [Element]? {
    var mayWait = true
    while true {
      let turn: [Element]?? = state.withLock { state in
        guard state.isRung else {
          state.isAsleep = true
          return nil
        }
        if state.isClosed, state.waiting.isEmpty { return .some(nil) }
        return .some(takeTurn(&state))
      }
      if let turn { return turn }
      guard mayWait else { return [] }
      if let limit { work.wait(milliseconds: limit) } else { work.wait() }
      mayWait = limit == nil
    }
  }

  private static func append(_ element: Element, _ size: Int, to state: inout State) {
    state.waiting.append((element, size + overhead))
    state.bytes += size + overhead
  }

  private static func ring(_ state: inout State) -> Bool {
    state.isRung = true
    defer { state.isAsleep = false }
    return state.isAsleep
  }

  private func takeTurn(_ state: inout State) -> [Element] {
    var bytes = 0
    var count = 0
    while count < state.waiting.count, bytes < bytesOfTurn {
      bytes += state.waiting[count].size
      count += 1
    }
    let turn = state.waiting[..<count].map(\.element)
    state.waiting.removeFirst(count)
    state.bytes -= bytes
    state.isRung = state.isClosed || !state.waiting.isEmpty
    return turn
  }
}
