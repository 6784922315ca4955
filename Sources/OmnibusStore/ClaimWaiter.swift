internal import Synchronization

/// One that waits for a claim of another to end.
final class ClaimWaiter: Sendable {
  enum Outcome: Sendable {
    case granted, done, timedOut, cancelled
  }

  private enum State {
    case begun
    case waiting(UnsafeContinuation<Outcome, Never>)
    case ended(Outcome)
  }

  private let state = Mutex(State.begun)

  /// Ends the wait. Called once, by whoever has taken the waiter out of the list.
  func end(_ outcome: Outcome) {
    let continuation = state.withLock { state -> UnsafeContinuation<Outcome, Never>? in
      defer { state = .ended(outcome) }
      if case .waiting(let continuation) = state { return continuation }
      return nil
    }
    continuation?.resume(returning: outcome)
  }

  /// Waits for the end. Called once.
  func outcome() async -> Outcome {
    await withUnsafeContinuation { continuation in
      let ended = state.withLock { state -> Outcome? in
        if case .ended(let outcome) = state { return outcome }
        state = .waiting(continuation)
        return nil
      }
      if let ended { continuation.resume(returning: ended) }
    }
  }
}
