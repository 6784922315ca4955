internal import OmnibusReactor
internal import Synchronization

/// The messages that were received and are not done with, and how long each is hidden from others.
final class HeldMessages: Sendable {
  /// A message that comes to light soon, and for how many seconds it can be hidden anew.
  struct Ending: Sendable {
    let number: Int
    let receipt: String
    let seconds: Int64
  }

  /// A message that was let go of. Times are the clock's nanoseconds.
  struct Released: Sendable {
    let receipt: String
    /// When it comes to light by itself; 0 where somebody else may have it already.
    let hiddenUntil: UInt64
    /// How long it can be hidden at the most.
    let limit: UInt64
  }

  private struct Held {
    let id: String
    var receipt: String
    var received: UInt64
    var hiddenUntil: UInt64
    /// Whether the queue said that somebody else may have it by now.
    var isLost = false
  }

  private struct State {
    var held: [Int: Held] = [:]
    var numbers: [String: Int] = [:]
    var next = 0
  }

  /// How long a message can be hidden in all, from when it was received (Amazon SQS Developer Guide, "Visibility timeout"):
  /// 12 hours, less the minute by which the queue may have begun to count before us. Nanoseconds.
  private static let longest: UInt64 = 43_140_000_000_000
  /// Visibility is told in whole seconds, and 0 of them would bring a message to light at once.
  private static let second: UInt64 = 1_000_000_000

  private let state = Mutex(State())

  /// Keeps a message that is hidden for `duration` from `now` on, and gives it a number. Nil where it is held already: what
  /// was received last is then what names it, as SQS asks.
  func add(_ id: String, _ receipt: String, now: UInt64, for duration: Duration) -> Int? {
    let end = now &+ duration.nanosecondsClamped
    return state.withLock { state in
      let held = Held(id: id, receipt: receipt, received: now, hiddenUntil: end)
      if !id.isEmpty, let number = state.numbers[id] {
        state.held[number] = held
        return nil
      }
      state.next += 1
      state.held[state.next] = held
      if !id.isEmpty { state.numbers[id] = state.next }
      return state.next
    }
  }

  /// What names a message that is held; nil where it is not.
  func receipt(of number: Int) -> String? { state.withLock { $0.held[number]?.receipt } }

  /// Lets go of a message; nil where it was not held.
  @discardableResult
  func remove(_ number: Int) -> Released? {
    state.withLock { state in
      guard let held = state.held.removeValue(forKey: number) else { return nil }
      state.numbers[held.id] = nil
      return Released(
        receipt: held.receipt, hiddenUntil: held.isLost ? 0 : held.hiddenUntil, limit: held.received &+ Self.longest)
    }
  }

  /// The messages whose time is half over at `now`, as far as they can be hidden for longer, by a second at least.
  func ending(_ visibility: Duration, now: UInt64) -> [Ending] {
    let length = visibility.nanosecondsClamped
    return state.withLock { state in
      state.held.compactMap { number, held in
        guard !held.isLost, held.hiddenUntil <= now &+ length / 2 else { return nil }
        let end = min(now &+ length, held.received &+ Self.longest)
        guard end >= max(held.hiddenUntil, now) &+ Self.second else { return nil }
        return Ending(number: number, receipt: held.receipt, seconds: Int64((end - now) / Self.second))
      }
    }
  }

  /// Notes that what `receipt` names is hidden until then; nothing where it is not held any more, or received anew.
  func extend(_ ending: Ending, until time: UInt64) {
    state.withLock { state in
      guard state.held[ending.number]?.receipt == ending.receipt else { return }
      state.held[ending.number]?.hiddenUntil = time
    }
  }

  /// Notes that a message cannot be hidden any more. Whether that is news of one that is held.
  func lose(_ ending: Ending) -> Bool {
    state.withLock { state in
      guard let held = state.held[ending.number], held.receipt == ending.receipt, !held.isLost else { return false }
      state.held[ending.number]?.isLost = true
      return true
    }
  }
}
