internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// One reactor's share of a listener: its connections, and what they have in common. Touched by the reactor's thread
/// alone.
final class HTTPShard: @unchecked Sendable {  // see the line above
  let reactor: Reactor
  let limits: HTTPLimits
  let parser: RequestHeadParser
  let workers: RequestWorkers
  /// What a connection reads into. Nothing stays here after a turn.
  let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  /// What a connection puts a response together in. Nothing stays here after a turn.
  var output: [UInt8] = []
  var date = HTTPDate()
  let meters: ListenerMeters
  /// Bodies that were collected, and what handlers made of them, until their answer.
  let bodies: BodyMemory
  /// Bytes of answers that their clients have not taken.
  var heldAnswers = 0
  let memoryLimit: Int
  private(set) var isClosing = false
  private let endpoints: EndpointRegistry
  private let security: ListenerSecurity
  private var table: (table: EndpointTable, version: Int)
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private var isSweeping = false

  init(
    reactor: Reactor, limits: HTTPLimits, memoryLimit: Int, endpoints: EndpointRegistry, security: ListenerSecurity,
    meters: ListenerMeters
  ) {
    self.meters = meters
    self.reactor = reactor
    self.memoryLimit = memoryLimit
    bodies = BodyMemory(limit: memoryLimit)
    self.limits = limits
    self.endpoints = endpoints
    self.security = security
    parser = RequestHeadParser(limits: limits)
    workers = RequestWorkers(reactor: reactor)
    table = endpoints.table()
    output.reserveCapacity(16 << 10)
  }

  deinit { input.deallocate() }

  /// Serves a connection that was accepted.
  func take(_ socket: TCPConnection) {
    guard !isClosing else { return socket.close() }
    let tls = security.current
    do {
      if let tls { try socket.secure(tls) }
    } catch {
      return socket.close()
    }
    let connection = HTTPConnection(socket, shard: self, security: tls)
    connections[ObjectIdentifier(connection)] = connection
    meters.connected()
    connection.start()
    sweepLater()
  }

  /// Forgets a connection that was closed.
  func forget(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    meters.disconnected(isEstablished: !connection.isShakingHands)
  }

  /// Closes idle connections, and the others after their answer.
  func close() {
    guard !isClosing else { return }
    isClosing = true
    for connection in connections.values { connection.closeWhenIdle() }
    workers.close()
  }

  /// Ends the connections that were made secure in another way than new ones are.
  func retire() {
    let current = security.current
    for connection in connections.values where connection.security !== current { connection.retire() }
  }

  /// Makes room for other connections: closes those that have kept us waiting longest; false where there is none. A few
  /// at a time where there are many, because to look for them takes a look at each.
  func evict() -> Bool {
    let now = MonotonicTime.now
    let waiting = connections.values.filter { $0.isEvictable(at: now) }
    let longest = waiting.sorted { $0.waitingSince < $1.waitingSince }.prefix(1 + waiting.count / 128)
    for connection in longest { connection.close() }
    meters.evictedConnections(longest.count)
    return !longest.isEmpty
  }

  /// Cancels the handlers of an endpoint, and breaks the bodies that they still wait for.
  func giveUp(_ slot: EndpointSlot) { for connection in connections.values { connection.giveUp(slot) } }

  /// Makes room in memory: aborts the connections whose clients have taken nothing of their answers for longest.
  func shed() {
    while heldAnswers > memoryLimit {
      let writing = connections.values.filter { !$0.backlog.isEmpty }
      guard let slowest = writing.min(by: { $0.writeDeadline < $1.writeDeadline }) else { return }
      slowest.abort()
    }
  }

  /// Closes all connections, whatever they are at, and cancels what they wait for.
  func abort() { for connection in connections.values { connection.giveUp() } }

  /// Finds the endpoint for a request, and counts the request in where there is one.
  func match(_ head: RequestHead) -> EndpointTable.Match {
    while true {
      if endpoints.version.load(ordering: .acquiring) != table.version { table = endpoints.table() }
      let match = table.table.match(method: head.method, path: head.path)
      guard case .endpoint(let slot, _) = match, !slot.begin() else { return match }
    }
  }

  /// The answer to a preflight (Fetch standard, "CORS-preflight request"), where the endpoint that it asks for has a
  /// policy; its route does not run.
  func preflight(_ head: RequestHead) -> HTTPResponse? {
    guard let method = head.headers["access-control-request-method"] else { return nil }
    var asked = head
    asked.method = method
    guard case .endpoint(let slot, _) = match(asked) else { return nil }
    defer { slot.end() }
    return slot.endpoint.cors?.preflight(head.headers)
  }

  /// Looks through all connections a few times in the shortest time-out, and closes those whose time is over: nearly
  /// all deadlines are moved long before they come, so to look is cheaper than to keep a timer for each.
  private func sweepLater() {
    guard !isSweeping, !connections.isEmpty else { return }
    isSweeping = true
    let shortest = min(limits.headerTimeout, limits.bodyTimeout, limits.idleTimeout, limits.writeTimeout)
    reactor.schedule(after: min(max(shortest / 4, .milliseconds(5)), .seconds(1))) { [self] in
      isSweeping = false
      let now = MonotonicTime.now
      for connection in connections.values { connection.expire(at: now) }
      sweepLater()
    }
  }
}
