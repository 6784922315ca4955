internal import CReactor
internal import Glibc
internal import Synchronization

/// A listening TCP socket that all reactors of a group share: whichever is free accepts, and a connection goes to the
/// reactor that has the fewest, so that long-lived connections spread evenly.
public final class TCPListener: Sendable {
  /// The address, with the port that the system chose where 0 was asked for.
  public let address: SocketAddress
  /// The most connections at the same time; further ones wait in the system's queue.
  let limit: Int
  /// How many connections are open, or about to be.
  let open = Atomic<Int>(0)
  let descriptor: Int32
  private let acceptors = Mutex<[Acceptor]>([])
  private let waiting = Mutex<[UnsafeContinuation<Void, Never>]>([])

  private init(address: SocketAddress, descriptor: Int32, limit: Int) {
    self.address = address
    self.descriptor = descriptor
    self.limit = limit
  }

  deinit { Glibc.close(descriptor) }

  /// Binds `address`. Connections wait in the system's queue until `accept` is called.
  public static func bind(_ address: SocketAddress, maxConnections: Int) throws(SystemError) -> TCPListener {
    let descriptor = try SystemError.check("socket", socket(address.family, SocketType.stream, 0))
    do {
      var on: Int32 = 1
      setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
      try SystemError.check("bind", address.withSystemAddress { Glibc.bind(descriptor, $0, $1) })
      try SystemError.check("listen", listen(descriptor, 4096))
      let bound = try localAddress(of: descriptor)
      return TCPListener(address: bound, descriptor: descriptor, limit: maxConnections)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  /// Starts to accept on `reactors`. `handler` is called for each connection, on the connection's reactor; `whenFull`
  /// on any of them, again and again, while a connection waits and there is no place for it.
  public func accept(
    on reactors: ReactorGroup, _ handler: @escaping @Sendable (TCPConnection) -> Void,
    whenFull: @escaping @Sendable (Reactor) -> Void = { _ in }
  ) {
    let acceptors = reactors.reactors.map { Acceptor(self, on: $0, handler, whenFull) }
    self.acceptors.withLock { $0 = acceptors }
    for acceptor in acceptors { acceptor.reactor.execute { acceptor.start(among: acceptors) } }
  }

  /// Stops listening, at once; connections that were accepted stay open. The address can be bound again from now on.
  public func close() {
    shutdown(descriptor, Int32(SHUT_RDWR))
    for acceptor in acceptors.withLock({ $0 }) { acceptor.reactor.execute { acceptor.stop() } }
    acceptors.withLock { $0 = [] }
  }

  /// Returns when all connections that were accepted are closed. Meant for after `close`.
  public func allClosed() async {
    await withUnsafeContinuation { continuation in
      waiting.withLock { $0.append(continuation) }
      if open.load(ordering: .sequentiallyConsistent) == 0 { resumeWaiting() }
    }
  }

  /// Takes a place for one more connection, if there is one.
  func reserve() -> Bool {
    var count = open.load(ordering: .relaxed)
    while count < limit {
      let (done, found) = open.compareExchange(expected: count, desired: count + 1, ordering: .relaxed)
      if done { return true }
      count = found
    }
    return false
  }

  /// Gives a place back; when all were taken, the acceptors may be waiting for it.
  func release() {
    let before = open.subtract(1, ordering: .sequentiallyConsistent).oldValue
    if before == 1 { resumeWaiting() }
    guard before == limit else { return }
    for acceptor in acceptors.withLock({ $0 }) { acceptor.reactor.execute { acceptor.resume() } }
  }

  private func resumeWaiting() {
    let waiting = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  private static func localAddress(of descriptor: Int32) throws(SystemError) -> SocketAddress {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let result = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    try SystemError.check("getsockname", result)
    guard let address = SocketAddress(storage) else { throw SystemError("getsockname", code: EAFNOSUPPORT) }
    return address
  }
}
