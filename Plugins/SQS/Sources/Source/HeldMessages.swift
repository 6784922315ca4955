internal import OmnibusReactor
internal import Synchronization

/// The messages that were received and are not done with, and how long each is hidden from others.
final class HeldMessages: Sendable {
  private struct Held {
    let receipt: String
    var hiddenUntil: UInt64
  }

  private struct State {
    var held: [Int: Held] = [:]
    var next = 0
  }

  private let state = Mutex(State())

  /// A number for a message that is received.
  func number() -> Int {
    state.withLock { state in
      state.next += 1
      return state.next
    }
  }

  /// Keeps a message that is hidden for `duration` from `now` on.
  func add(_ message: ReceivedMessage, now: UInt64, for duration: Duration) {
    let end = now &+ duration.nanosecondsClamped
    state.withLock { $0.held[message.number] = Held(receipt: message.receipt, hiddenUntil: end) }
  }

  /// Lets go of a message; whether it was held.
  @discardableResult
  func remove(_ number: Int) -> Bool { state.withLock { $0.held.removeValue(forKey: number) != nil } }

  /// The messages that come to light before `time`.
  func ending(before time: UInt64) -> [(number: Int, receipt: String)] {
    state.withLock { state in
      state.held.filter { $0.value.hiddenUntil < time }.map { ($0.key, $0.value.receipt) }
    }
  }

  /// Notes that a message is hidden for longer; nothing where it is not held any more.
  func extend(_ number: Int, until time: UInt64) { state.withLock { $0.held[number]?.hiddenUntil = time } }
}
