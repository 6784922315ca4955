internal import Glibc

/// A client's handshake under way, on its reactor.
// @unchecked: made and used on the reactor's thread alone.
final class PendingHandshake: ReadinessHandler, @unchecked Sendable {
  private let connection: TCPConnection
  private var timer: TimerHandle?
  private var completion: ((Result<Void, any Error>) -> Void)?

  init(_ connection: TCPConnection, completion: @escaping (Result<Void, any Error>) -> Void) {
    self.connection = connection
    self.completion = completion
  }

  /// Begins; `completion` is called unless this throws, and the connection is closed where it failed.
  func start(timeout: Duration) throws(SystemError) {
    try connection.start(.readable, handler: self)
    timer = connection.reactor.schedule(after: timeout) { [self] in
      finish(.failure(SystemError("connect", code: ETIMEDOUT)))
    }
    ready(.readable)
  }

  func ready(_ readiness: Readiness) {
    guard completion != nil else { return }
    switch connection.shakeHands() {
    case .done: finish(.success(()))
    case .blocked: break
    case .failed(.broken(let error)): finish(.failure(error))
    case .failed(.failed(let error)): finish(.failure(error))
    case .failed: finish(.failure(TLSError.truncated))
    }
  }

  private func finish(_ result: Result<Void, any Error>) {
    guard let completion else { return }
    self.completion = nil
    if let timer { connection.reactor.cancel(timer) }
    connection.stopWatching()
    if case .failure = result { connection.close() }
    completion(result)
  }
}
