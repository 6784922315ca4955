internal import Omnibus
internal import Synchronization

/// A message on its way to a broker, and the task that waits for what becomes of it.
final class Publication: Sendable {
  private enum State {
    case new
    case waiting(UnsafeContinuation<Content?, any Error>)
    case ended(Result<Content?, Failure>)
  }

  /// The routing key, and behind it the encoded properties.
  let head: [UInt8]
  let keyLength: Int
  let body: [UInt8]
  /// By what it is known when it comes back, or is answered: its message id, or its correlation id.
  let name: String
  /// When it is given up, in the clock's nanoseconds.
  let deadline: UInt64
  private let state = Mutex(State.new)

  /// A message with routing key and properties. Fails as `invalid` where these do not fit the protocol.
  init(
    key: String, _ properties: MessageProperties, body: [UInt8], name: String, deadline: UInt64
  ) throws(Failure) {
    var head: [UInt8] = []
    head.reserveCapacity(256)
    head.append(contentsOf: key.utf8)
    keyLength = head.count
    guard keyLength <= 255 else { throw Failure(.invalid, "the routing key has more than 255 bytes") }
    try properties.write(to: &head)
    (self.head, self.body, self.name, self.deadline) = (head, body, name, deadline)
  }

  /// Whether nobody waits for it any more.
  var hasEnded: Bool { state.withLock { if case .ended = $0 { true } else { false } } }

  /// Waits for its end: the reply, where one was asked for. Being cancelled ends it.
  func end() async throws -> Content? {
    try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in
        let result: Result<Content?, Failure>? = state.withLock { state in
          if case .ended(let result) = state { return result }
          state = .waiting(continuation)
          return nil
        }
        if let result { continuation.resume(with: result) }
      }
    } onCancel: {
      end(.failure(Failure(.cancelled, "the work was cancelled")))
    }
  }

  /// Ends it; only the first end counts.
  func end(_ result: Result<Content?, Failure>) {
    let waiting: UnsafeContinuation<Content?, any Error>? = state.withLock { state in
      switch state {
      case .ended: return nil
      case .new:
        state = .ended(result)
        return nil
      case .waiting(let continuation):
        state = .ended(result)
        return continuation
      }
    }
    waiting?.resume(with: result)
  }
}
