internal import Synchronization

/// Who comes first of several that may end a wait: the first outcome counts.
final class Race<Outcome: Sendable>: Sendable {
  private enum State {
    case running
    case awaited(UnsafeContinuation<Outcome, Never>)
    case ended(Outcome)
    case taken
  }

  private let state = Mutex(State.running)

  /// Answers whether it was the first to end.
  @discardableResult
  func end(_ outcome: Outcome) -> Bool {
    let (isFirst, waiting) = state.withLock { state -> (Bool, UnsafeContinuation<Outcome, Never>?) in
      switch state {
      case .running:
        state = .ended(outcome)
        return (true, nil)
      case .awaited(let continuation):
        state = .taken
        return (true, continuation)
      case .ended, .taken:
        return (false, nil)
      }
    }
    waiting?.resume(returning: outcome)
    return isFirst
  }

  /// Waits for the first to end. Called once.
  func outcome() async -> Outcome {
    await withUnsafeContinuation { continuation in
      let ended = state.withLock { state -> Outcome? in
        if case .ended(let outcome) = state {
          state = .taken
          return outcome
        }
        state = .awaited(continuation)
        return nil
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }
}
