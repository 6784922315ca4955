internal import Synchronization

/// Work that was started on a thread for what blocks, and whose result one task waits for later.
public final class BlockingWork<Result: Sendable>: Sendable {
  private enum State {
    case running
    case awaited(UnsafeContinuation<Result, any Error>)
    case ended(Swift.Result<Result, any Error>)
  }

  private let state = Mutex(State.running)

  init() {}

  /// The result, once it is there; may be asked for once at a time.
  public func value() async throws -> Result {
    try await withUnsafeThrowingContinuation { continuation in
      let result: Swift.Result<Result, any Error>? = state.withLock { state in
        if case .ended(let result) = state { return result }
        state = .awaited(continuation)
        return nil
      }
      if let result { continuation.resume(with: result) }
    }
  }

  func end(_ result: Swift.Result<Result, any Error>) {
    let waiting: UnsafeContinuation<Result, any Error>? = state.withLock { state in
      defer { state = .ended(result) }
      if case .awaited(let continuation) = state { return continuation }
      return nil
    }
    waiting?.resume(with: result)
  }
}
