internal import Synchronization

/// An endpoint of a listener, and how many requests it is working on.
final class EndpointSlot: Sendable {
  private enum Waiter {
    case none
    case waiting(UnsafeContinuation<Void, Never>)
    case done
  }

  private static let removed = 1 << 40

  let number: Int
  let endpoint: HTTPEndpoint
  let captureNames: [String]
  /// Requests under way, and `removed` once it is.
  private let requests = Atomic<Int>(0)
  private let waiter = Mutex(Waiter.none)

  init(_ endpoint: HTTPEndpoint, number: Int) {
    self.endpoint = endpoint
    self.number = number
    captureNames = endpoint.path.captureNames
  }

  /// Counts a request in; false when the endpoint was removed after it was looked up.
  func begin() -> Bool {
    guard requests.add(1, ordering: .relaxed).oldValue >= Self.removed else { return true }
    end()
    return false
  }

  /// Counts a request out.
  func end() {
    if requests.subtract(1, ordering: .acquiringAndReleasing).oldValue == Self.removed + 1 { signal() }
  }

  /// Lets no more requests in, and returns when the last one is out or the task is cancelled. Called once.
  func drain() async {
    if requests.add(Self.removed, ordering: .acquiringAndReleasing).oldValue == 0 { return }
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let isDone = waiter.withLock { waiter in
          if case .done = waiter { return true }
          waiter = .waiting(continuation)
          return false
        }
        if isDone { continuation.resume() }
      }
    } onCancel: {
      signal()
    }
  }

  private func signal() {
    let former = waiter.withLock { waiter in
      defer { waiter = .done }
      return waiter
    }
    if case .waiting(let continuation) = former { continuation.resume() }
  }
}
