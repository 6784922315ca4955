public import Omnibus
public import OmnibusReactor
internal import Synchronization

/// A TCP address on which HTTP/1.1 is served; shared by all that serve on the same address.
public final class HTTPListener: Sendable {
  /// Names what one call of `add` added.
  public struct Registration: Sendable, Hashable {
    let number: Int
  }

  private struct Key: Hashable {
    let address: SocketAddress
    let reactors: ObjectIdentifier
  }

  private struct Users {
    var count = 1
    var isAccepting = false
  }

  /// The listeners of the process that can be shared.
  private static let shared = Mutex<[Key: HTTPListener]>([:])

  /// The address, with the port that the system chose where 0 was asked for.
  public let address: SocketAddress
  private let socket: TCPListener
  private let reactors: ReactorGroup
  private let endpoints = EndpointRegistry()
  private let security = ListenerSecurity()
  let shards: [HTTPShard]
  private let users = Mutex(Users())

  private init(_ socket: TCPListener, reactors: ReactorGroup, limits: HTTPLimits, metrics: Metrics) {
    self.socket = socket
    self.reactors = reactors
    address = socket.address
    let (endpoints, security) = (endpoints, security)
    let memory = limits.memory / reactors.reactors.count
    let meters = ListenerMeters(metrics, "\(socket.address)")
    shards = reactors.reactors.map {
      HTTPShard(
        reactor: $0, limits: limits, memoryLimit: memory, endpoints: endpoints, security: security, meters: meters)
    }
  }

  /// Binds `address`, or gives the listener that is open on it already, whose limits stay. Each `open` wants a `close`.
  /// Connections are accepted from the first `add` on; before that they wait in the system's queue. With port 0 every
  /// call binds a port of its own. What goes on is counted in `metrics`.
  ///
  /// Unless `isShared`, nobody else gets the listener: the address is in use for them, and it must be free here.
  public static func open(
    _ address: SocketAddress, reactors: ReactorGroup, limits: HTTPLimits = HTTPLimits(),
    metrics: Metrics = Metrics(), isShared: Bool = true
  ) throws(SystemError) -> HTTPListener {
    let key = Key(address: address, reactors: ObjectIdentifier(reactors))
    guard isShared else { return try bind(address, reactors, limits, metrics) }
    return try shared.withLock { shared throws(SystemError) in
      if let listener = shared[key] {
        listener.users.withLock { $0.count += 1 }
        return listener
      }
      let listener = try bind(address, reactors, limits, metrics)
      shared[listener.key] = listener
      return listener
    }
  }

  private static func bind(
    _ address: SocketAddress, _ reactors: ReactorGroup, _ limits: HTTPLimits, _ metrics: Metrics
  ) throws(SystemError) -> HTTPListener {
    let socket = try TCPListener.bind(address, maxConnections: min(limits.maxConnections, FileDescriptors.limit / 2))
    return HTTPListener(socket, reactors: reactors, limits: limits, metrics: metrics)
  }

  /// The port.
  public var port: UInt16 { address.port }

  /// Has connections that are accepted from now on speak TLS, or not with nil; before the first `add`. All who share the
  /// listener ask for the same. Answers what they share: where it was made from the same configuration that is in use
  /// already, what is in use. Where it is another, connections of the former terms read no further request: those that
  /// are idle are closed, and the others after their answer.
  public func secure(_ tls: TLSServer?) -> TLSServer? {
    let (current, isNew) = security.use(tls)
    if isNew { for shard in shards { shard.reactor.execute { shard.retire() } } }
    return current
  }

  /// What is served at present, the oldest first.
  public var served: [HTTPEndpoint] { endpoints.all }

  /// Adds an endpoint, for all requests whose header is read from now on. Where several match a path, a literal segment
  /// goes before a capture and a capture before a rest; of the same pattern and method, the newest one wins.
  public func add(_ endpoint: HTTPEndpoint) -> Registration {
    let registration = Registration(number: endpoints.add(endpoint))
    let mustAccept = users.withLock { users in
      defer { users.isAccepting = true }
      return !users.isAccepting
    }
    if mustAccept {
      let shards = shards
      socket.accept(on: reactors) {
        shards[$0.reactor.index].take($0)
      } whenFull: {
        if shards[$0.index].evict() { return }
        for shard in shards where shard.reactor !== $0 { shard.reactor.execute { _ = shard.evict() } }
      }
    }
    return registration
  }

  /// Takes an endpoint away, at once, and returns when the requests that it was given are answered. Cancelling the task
  /// gives them up: their handlers are cancelled, and the bodies that are still being read for them broken.
  public func remove(_ registration: Registration) async {
    guard let slot = endpoints.remove(registration.number) else { return }
    await withTaskCancellationHandler {
      await slot.drain()
    } onCancel: {
      for shard in shards { shard.reactor.execute { shard.giveUp(slot) } }
    }
  }

  /// Gives up what `open` gave. The last one stops accepting, closes idle connections, and returns when the requests
  /// under way are answered; cancelling the task aborts them, and cancels their handlers.
  public func close() async {
    let isLast = Self.shared.withLock { shared in
      let count = users.withLock { users in
        users.count -= 1
        return users.count
      }
      guard count == 0 else { return false }
      shared[key] = nil
      // Who finds the address free finds that every answer from now on ends its connection.
      for shard in shards { shard.reactor.execute { shard.close() } }
      // Before anybody can look for the address, find it free here, and bind it.
      socket.close()
      return true
    }
    guard isLast else { return }
    await withTaskCancellationHandler {
      await socket.allClosed()
    } onCancel: {
      for shard in shards { shard.reactor.execute { shard.abort() } }
    }
  }

  private var key: Key { Key(address: address, reactors: ObjectIdentifier(reactors)) }
}
