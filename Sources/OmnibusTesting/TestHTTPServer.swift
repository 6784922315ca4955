internal import Foundation
internal import Glibc
internal import Omnibus
internal import Synchronization

/// An HTTP/1.1 server for tests of clients, a thread a connection, that does with each connection what it is told to: it
/// answers, breaks off in the middle, hangs, and speaks nonsense.
///
/// ```swift
/// let server = TestHTTPServer()
/// try server.start { connection in
///   while let request = connection.request(), connection.content(of: request) != nil {
///     connection.answer(request.target == "/health" ? 200 : 404)
///   }
/// }
/// ```
public final class TestHTTPServer: Sendable {
  private let port = ReservedPort()
  private let listener = Mutex(Int32(-1))

  /// A server that does not listen yet; its address is its own for as long as it exists.
  public init() {}

  deinit { stop() }

  /// `127.0.0.1:port`.
  public var address: String { port.address }

  /// `http://127.0.0.1:port`.
  public var url: String { "http://\(port.address)" }

  /// Listens, and gives each connection to `serve`, on a thread of its own; the connection is closed when that returns. Does
  /// nothing where it listens already.
  public func start(_ serve: @escaping @Sendable (TestHTTPConnection) -> Void) throws {
    guard listener.withLock({ $0 < 0 }) else { return }
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var flag: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &flag, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.number.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(listener, 64) == 0
      }
    }
    guard isBound else {
      close(listener)
      throw Failure(.unavailable, "the server of the test cannot listen")
    }
    self.listener.withLock { $0 = listener }
    Thread.detachNewThread {
      while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
        Thread.detachNewThread {
          let connection = TestHTTPConnection(descriptor)
          serve(connection)
          connection.close()
        }
      }
      close(listener)
    }
  }

  /// Listens no more: who connects is refused. Connections that stand go on.
  public func stop() {
    let listener = listener.withLock { listener in
      defer { listener = -1 }
      return listener
    }
    if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
  }
}
