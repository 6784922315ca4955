internal import CReactor
internal import Glibc

/// A TCP connection that belongs to one reactor: all calls are made on that reactor's thread. None of them waits.
///
/// All bytes pass through `read` and `write`. With TLS a session stands between these and the socket.
///
/// Unchecked: handed over to the reactor's thread once, and touched by that alone from then on.
public final class TCPConnection: @unchecked Sendable {
  /// What a call to read or write came to.
  public enum Transfer: Equatable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing for now: the readiness will say when.
    case blocked
    /// The peer will send no more, and with TLS has said so.
    case ended
    /// The connection is broken.
    case failed(SystemError)
    /// The TLS session is broken.
    case broken(TLSError)
  }

  /// Who is at the other end.
  public let remote: SocketAddress
  /// The reactor that the connection belongs to.
  public let reactor: Reactor
  private let onClose: @Sendable () -> Void
  private var descriptor: Int32
  private var isRegistered = false
  /// Nil for a connection in the clear.
  private var tls: TLSSession?
  /// What the system was asked to watch for: with TLS it may differ from `interest`.
  private var watched: Readiness = []

  /// Takes over a connected, non-blocking socket.
  init(_ descriptor: Int32, remote: SocketAddress, reactor: Reactor, onClose: @escaping @Sendable () -> Void = {}) {
    self.descriptor = descriptor
    self.remote = remote
    self.reactor = reactor
    self.onClose = onClose
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit {
    guard descriptor >= 0 else { return }
    Glibc.close(descriptor)
    onClose()
  }

  /// Whether `close` or `abort` was called.
  public var isClosed: Bool { descriptor < 0 }

  /// What the connection is watched for; `start` sets it first.
  public private(set) var interest: Readiness = []

  /// Has `handler` called when the connection is ready for `interest`; it is retained until the connection is closed.
  public func start(_ interest: Readiness, handler: any ReadinessHandler) throws(SystemError) {
    tls?.handler = handler
    tls?.wanted = interest
    watched = tls?.needs ?? interest
    try reactor.register(descriptor, watched, handler: tls ?? handler)
    isRegistered = true
    self.interest = interest
    if tls != nil { settle() }
  }

  /// Changes what the connection is watched for.
  public func watch(_ interest: Readiness) {
    guard isRegistered, interest != self.interest else { return }
    self.interest = interest
    guard tls == nil else { return settle() }
    // It fails only for descriptors that are not registered.
    try? reactor.update(descriptor, interest)
  }

  /// Reads what has come in, up to the size of `buffer`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    if let tls {
      defer { settle() }
      return tls.read(into: buffer)
    }
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .ended }
      if errno != EINTR { return failure("recv") }
    }
  }

  /// Sends as much of `bytes`, and then of `more`, as the system takes. What it did not take must come first in the next
  /// call: with TLS it may be encrypted already.
  public func write(
    _ bytes: UnsafeRawBufferPointer, _ more: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) -> Transfer {
    if let tls {
      defer { settle() }
      return tls.write(bytes, more)
    }
    while true {
      let count: Int
      if more.isEmpty {
        count = send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      } else {
        count = gather(bytes, more)
      }
      if count >= 0 { return .bytes(count) }
      if errno != EINTR { return failure("send") }
    }
  }

  /// Tells the peer that nothing more will be sent; reading goes on.
  public func shutdownSending() {
    // Where the system does not take the end of the session now, it is sent with the close.
    guard tls?.sayGoodbye() != false else { return }
    shutdown(descriptor, Int32(SHUT_WR))
  }

  /// Closes the connection; what was written is still delivered. Later calls do nothing.
  public func close() {
    _ = tls?.sayGoodbye()
    closeSilently()
  }

  /// Closes the connection so that the peer sees a reset: what it has read so far is not the whole.
  public func abort() {
    guard descriptor >= 0 else { return }
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    closeSilently()
  }

  private func closeSilently() {
    guard descriptor >= 0 else { return }
    stopWatching()
    tls?.close()
    Glibc.close(descriptor)
    descriptor = -1
    onClose()
  }

  /// Takes back what `start` did.
  func stopWatching() {
    if isRegistered { reactor.unregister(descriptor) }
    isRegistered = false
  }

  // MARK: TLS

  /// Whether the connection speaks TLS, or will.
  public var isSecure: Bool { tls != nil }

  /// Whether bytes can be exchanged: false until the handshake of TLS is over, which reading brings forward.
  public var isEstablished: Bool { tls?.isEstablished ?? true }

  /// What was agreed on with the peer; nil without TLS, and before the handshake is over. Made anew each time.
  public var security: TLSDetails? { tls?.details }

  /// Speaks TLS from now on, as the server. Comes before `start`; reading brings the handshake forward.
  public func secure(_ server: TLSServer) throws(SystemError) {
    let material = server.current
    guard let session = material.session(on: descriptor) else { throw SystemError("tls", code: ENOMEM) }
    tls = TLSSession(session, keeping: material)
  }

  /// Speaks TLS from now on, as a client of `host`. Comes before `start`.
  func secure(_ client: TLSClient, to host: String) throws(SystemError) {
    guard let made = client.session(on: descriptor, to: host) else { throw SystemError("tls", code: ENOMEM) }
    tls = TLSSession(made.session, keeping: made.context)
  }

  /// Goes on in the clear, to tell a peer that spoke no TLS what is wrong. Only where the handshake failed.
  public func dropTLS() {
    guard let tls, let handler = tls.handler, !tls.isEstablished, isRegistered else { return }
    tls.close()
    self.tls = nil
    reactor.unregister(descriptor)
    // It can fail for want of memory alone; then the connection is not watched, and its time-out ends it.
    try? reactor.register(descriptor, interest, handler: handler)
  }

  /// Goes on with the handshake of a client.
  func shakeHands() -> TLSSession.Handshake {
    guard let tls else { return .done }
    defer { settle() }
    return tls.shakeHands()
  }

  /// Watches for what the session needs, which each call may have changed, and sees to what the socket will not tell.
  private func settle() {
    guard let tls, isRegistered else { return }
    tls.wanted = interest
    let needs = tls.needs
    if needs != watched {
      watched = needs
      try? reactor.update(descriptor, needs)
    }
    guard tls.mustAnnounce() else { return }
    // Holds the connection, without which the session is closed.
    reactor.execute { [self] in if !isClosed { tls.tell() } }
  }

  private func gather(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
    withUnsafeTemporaryAllocation(of: iovec.self, capacity: 2) { parts in
      parts[0] = iovec(iov_base: UnsafeMutableRawPointer(mutating: first.baseAddress), iov_len: first.count)
      parts[1] = iovec(iov_base: UnsafeMutableRawPointer(mutating: second.baseAddress), iov_len: second.count)
      var message = msghdr()
      message.msg_iov = parts.baseAddress
      message.msg_iovlen = 2
      return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
    }
  }

  private func failure(_ call: String) -> Transfer {
    errno == EAGAIN || errno == EWOULDBLOCK ? .blocked : .failed(SystemError(call))
  }
}
