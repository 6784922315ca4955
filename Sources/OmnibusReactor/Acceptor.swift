internal import CReactor
internal import Glibc
internal import Synchronization

/// Accepts the connections of a listener on one reactor, and hands each to the reactor that has the fewest.
// @unchecked: all but `open` is touched by the reactor's own thread alone.
final class Acceptor: ReadinessHandler, @unchecked Sendable {
  let reactor: Reactor
  /// How many connections this reactor has of the listener.
  let open = Atomic<Int>(0)
  private let listener: TCPListener
  private let handler: @Sendable (TCPConnection) -> Void
  private let whenFull: @Sendable (Reactor) -> Void
  private var acceptors: [Acceptor] = []
  private var isListening = false
  private var isStopped = false
  /// Whether a timer is set that ends the pause.
  private var isResuming = false

  init(
    _ listener: TCPListener, on reactor: Reactor, _ handler: @escaping @Sendable (TCPConnection) -> Void,
    _ whenFull: @escaping @Sendable (Reactor) -> Void
  ) {
    self.listener = listener
    self.reactor = reactor
    self.handler = handler
    self.whenFull = whenFull
  }

  func start(among acceptors: [Acceptor]) {
    self.acceptors = acceptors
    resume()
  }

  func stop() {
    isStopped = true
    pause()
    acceptors = []
  }

  /// Listens again after a pause.
  func resume() {
    guard !isListening, !isStopped else { return }
    do {
      try reactor.register(listener.descriptor, [.readable, .exclusive], handler: self)
      isListening = true
    } catch {
      reactor.schedule(after: .milliseconds(100)) { [self] in resume() }
    }
  }

  /// Takes a few connections, so that the other reactors and the connections that there are get their turn.
  func ready(_ readiness: Readiness) {
    for count in 0..<16 {
      guard !isStopped else { return }
      guard listener.reserve() else {
        // Only the first connection is sure to be there; we are called again for any other.
        if count == 0 { waitForRoom() }
        return
      }
      var storage = sockaddr_storage()
      let descriptor = omnibus_accept(listener.descriptor, &storage)
      let code = errno
      guard descriptor < 0 else {
        take(descriptor, from: storage)
        continue
      }
      listener.release()
      switch code {
      case EINTR, ECONNABORTED, EPROTO: continue
      case EAGAIN: return
      default: return pauseForAWhile()
      }
    }
  }

  private func take(_ descriptor: Int32, from storage: sockaddr_storage) {
    guard let remote = SocketAddress(storage) else {
      close(descriptor)
      listener.release()
      return
    }
    let least = acceptors.min { $0.open.load(ordering: .relaxed) < $1.open.load(ordering: .relaxed) } ?? self
    let chosen = least.open.load(ordering: .relaxed) < open.load(ordering: .relaxed) ? least : self
    chosen.open.add(1, ordering: .relaxed)
    let connection = TCPConnection(descriptor, remote: remote, reactor: chosen.reactor) { [listener] in
      chosen.open.subtract(1, ordering: .relaxed)
      listener.release()
    }
    if chosen === self { return handler(connection) }
    chosen.reactor.execute { chosen.handler(connection) }
  }

  /// Waits for a connection to be closed. Asks again after a while: one that was busy may be idle then.
  private func waitForRoom() {
    pauseForAWhile()
    whenFull(reactor)
  }

  /// Leaves connections in the system's queue.
  private func pause() {
    guard isListening else { return }
    reactor.unregister(listener.descriptor)
    isListening = false
  }

  /// Waits for the system to have descriptors or memory again, or for us: the connection in its queue would wake us at
  /// once.
  private func pauseForAWhile() {
    pause()
    guard !isResuming else { return }
    isResuming = true
    reactor.schedule(after: .milliseconds(100)) { [self] in
      isResuming = false
      resume()
    }
  }
}
