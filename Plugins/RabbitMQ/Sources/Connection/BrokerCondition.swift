internal import Omnibus
internal import Synchronization

/// How a connection to a broker is, for those who want to know or to be told.
final class BrokerCondition: Sendable {
  /// How long routes that are applied wait for a first attempt, whatever addresses there are to try.
  static let patience = Duration.seconds(5)

  private struct State {
    /// Nil as long as no attempt to connect has ended.
    var condition: ConnectionCondition?
    /// What is said of it as long as that is nil.
    var assumed = ConnectionCondition.ready
    /// Signalled when an attempt has ended.
    var known = StopSignal()
    var observers = Observers<@Sendable () -> Void>()
  }

  private let state = Mutex(State())

  /// How it is at this moment; nothing is wrong with what was not tried.
  var now: ConnectionCondition { state.withLock { $0.condition ?? $0.assumed } }

  /// Notes how it is from now on; answers how it was.
  @discardableResult
  func become(_ condition: ConnectionCondition) -> ConnectionCondition {
    let (former, known, observers) = state.withLock { state in
      let former = state.condition ?? .ready
      state.condition = condition
      let isOther = former.isBlocked != condition.isBlocked
      return (former, state.known, isOther ? state.observers.all : [])
    }
    known.signal()
    for observer in observers { observer() }
    return former
  }

  /// Leaves a refusal out of account, so that the next attempt counts.
  func forgetRefusal() {
    state.withLock { state in
      guard case .broken(let failure)? = state.condition, !failure.isTransient else { return }
      state.condition = nil
      state.known = StopSignal()
    }
  }

  /// Waits until an attempt has ended, and gives what came of the last one; where none has in time, the broker counts as
  /// away. Fails where it is refused what it is asked for, and where the task is cancelled.
  func expectNoRefusal(_ clock: any EngineClock) async throws {
    let known = state.withLock { $0.known }
    _ = try await clock.sleep(for: Self.patience, unless: known)
    let condition = state.withLock { state in
      if state.condition == nil {
        state.assumed = .broken(Failure(.timeout, "no connection to the broker within \(Self.patience.text)"))
      }
      return state.condition
    }
    if case .broken(let failure)? = condition, !failure.isTransient { throw failure }
  }

  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int { state.withLock { $0.observers.add(body) } }

  func removeObserver(_ number: Int) { _ = state.withLock { $0.observers.remove(number) } }
}
