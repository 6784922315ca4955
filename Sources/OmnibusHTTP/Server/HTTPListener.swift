internal import Glibc
public import OmnibusReactor

/// A TCP address on which HTTP/1.1 is served; shared by all that serve on the same address.
public final class HTTPListener: Sendable {
  /// Names what one call of `add` added.
  public struct Registration: Sendable, Hashable {
    let number: Int
  }

  /// The address, with the port that the system chose where 0 was asked for.
  public let address: SocketAddress

  private init(address: SocketAddress) { self.address = address }

  /// Binds `address`, or gives the listener that is open on it already, whose limits stay. Each `open` wants a `close`.
  /// Connections are accepted from the first `add` on; before that they wait in the system's queue. With port 0 every
  /// call binds a port of its own.
  public static func open(
    _ address: SocketAddress, reactors: ReactorGroup, limits: HTTPLimits = HTTPLimits()
  ) throws(SystemError) -> HTTPListener {
    throw SystemError("bind", code: ENOSYS)
  }

  /// The port.
  public var port: UInt16 { address.port }

  /// Adds an endpoint, for all requests whose header is read from now on. Where several match a path, a literal segment
  /// goes before a capture and a capture before a rest; of the same pattern and method, the newest one wins.
  public func add(_ endpoint: HTTPEndpoint) -> Registration { Registration(number: 0) }

  /// Takes an endpoint away, at once, and returns when the requests that it was given are answered.
  public func remove(_ registration: Registration) async {}

  /// Gives up what `open` gave. The last one stops accepting, closes idle connections, and returns when the requests
  /// under way are answered; cancelling the task aborts them.
  public func close() async {}
}
