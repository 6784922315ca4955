internal import CReactor
internal import Glibc

extension TCPConnection {
  /// Connects to `address` on `reactor`; throws a `SystemError`, that of `connect` with `ETIMEDOUT` after `timeout`.
  public static func connect(
    to address: SocketAddress, on reactor: Reactor, timeout: Duration
  ) async throws -> TCPConnection {
    try await withUnsafeThrowingContinuation { continuation in
      reactor.execute {
        do {
          try PendingConnect(address, on: reactor) { continuation.resume(with: $0) }.start(timeout: timeout)
        } catch {
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

extension TCPConnection {
  /// Connects to `address` on `reactor`, and speaks TLS with `host`, a name or a numeric address that the server's
  /// certificate must bear. Throws a `SystemError` or a `TLSError`; all of it may take `timeout`.
  public static func connect(
    to address: SocketAddress, on reactor: Reactor, timeout: Duration, tls client: TLSClient, host: String
  ) async throws -> TCPConnection {
    let end = MonotonicTime.now &+ timeout.nanosecondsClamped
    let connection = try await connect(to: address, on: reactor, timeout: timeout)
    return try await withUnsafeThrowingContinuation { continuation in
      reactor.execute {
        do {
          try connection.secure(client, to: host)
          let left = Duration.nanoseconds(Int64(clamping: end > MonotonicTime.now ? end - MonotonicTime.now : 0))
          try PendingHandshake(connection) { continuation.resume(with: $0.map { connection }) }.start(timeout: left)
        } catch {
          connection.close()
          continuation.resume(throwing: error)
        }
      }
    }
  }
}

/// A connect under way, on its reactor.
// @unchecked: made and used on the reactor's thread alone.
private final class PendingConnect: ReadinessHandler, @unchecked Sendable {
  private let address: SocketAddress
  private let reactor: Reactor
  private let descriptor: Int32
  private var timer: TimerHandle?
  private var completion: ((Result<TCPConnection, any Error>) -> Void)?

  init(
    _ address: SocketAddress, on reactor: Reactor,
    completion: @escaping (Result<TCPConnection, any Error>) -> Void
  ) throws(SystemError) {
    self.address = address
    self.reactor = reactor
    self.completion = completion
    descriptor = try SystemError.check("socket", socket(address.family, SocketType.stream, 0))
  }

  func start(timeout: Duration) throws(SystemError) {
    let result = address.withSystemAddress { Glibc.connect(descriptor, $0, $1) }
    guard result == 0 || errno == EINPROGRESS else {
      let error = SystemError("connect")
      close(descriptor)
      throw error
    }
    do {
      try reactor.register(descriptor, .writable, handler: self)
    } catch {
      close(descriptor)
      throw error
    }
    timer = reactor.schedule(after: timeout) { [self] in finish(ETIMEDOUT) }
  }

  func ready(_ readiness: Readiness) {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length)
    finish(code)
  }

  private func finish(_ code: Int32) {
    guard let completion else { return }
    self.completion = nil
    if let timer { reactor.cancel(timer) }
    reactor.unregister(descriptor)
    if code == 0 {
      completion(.success(TCPConnection(descriptor, remote: address, reactor: reactor)))
    } else {
      close(descriptor)
      completion(.failure(SystemError("connect", code: code)))
    }
  }
}
