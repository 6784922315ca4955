internal import Omnibus
internal import Synchronization

/// How the connection of a publisher is, for those who want to know or to be told.
final class PublishCondition: Sendable {
  private struct State {
    /// Nil as long as there has been no attempt to connect.
    var condition: ConnectionCondition?
    var waiting: [UnsafeContinuation<Void, Never>] = []
    var next = 0
    var observers: [Int: @Sendable () -> Void] = [:]
  }

  private let state = Mutex(State())

  /// How it is at this moment; nothing is wrong with what was not tried.
  var now: ConnectionCondition { state.withLock { $0.condition ?? .ready } }

  /// Notes how it is from now on; answers how it was.
  @discardableResult
  func become(_ condition: ConnectionCondition) -> ConnectionCondition {
    let (former, waiting, observers) = state.withLock { state in
      let former = state.condition ?? .ready
      state.condition = condition
      defer { state.waiting = [] }
      let isOther = former.isBlocked != condition.isBlocked
      return (former, state.waiting, isOther ? Array(state.observers.values) : [])
    }
    for waiter in waiting { waiter.resume() }
    for observer in observers { observer() }
    return former
  }

  /// Leaves a refusal out of account, so that the next attempt counts.
  func forgetRefusal() {
    state.withLock { state in
      if case .broken(let failure)? = state.condition, !failure.isTransient { state.condition = nil }
    }
  }

  /// Waits until there has been an attempt, and gives what came of the last one.
  func known() async -> ConnectionCondition {
    await withUnsafeContinuation { continuation in
      let isKnown = state.withLock { state in
        if state.condition == nil { state.waiting.append(continuation) }
        return state.condition != nil
      }
      if isKnown { continuation.resume() }
    }
    return now
  }

  func onBlock(_ body: @escaping @Sendable () -> Void) -> Int {
    state.withLock { state in
      state.next += 1
      state.observers[state.next] = body
      return state.next
    }
  }

  func removeObserver(_ number: Int) { state.withLock { _ = $0.observers.removeValue(forKey: number) } }
}
