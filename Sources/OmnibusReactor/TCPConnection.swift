internal import CReactor
internal import Glibc

/// A TCP connection that belongs to one reactor: all calls are made on that reactor's thread. None of them waits.
///
/// All bytes pass through `read` and `write`; a TLS session will stand between these and the socket.
///
/// Unchecked: handed over to the reactor's thread once, and touched by that alone from then on.
public final class TCPConnection: @unchecked Sendable {
  /// What a call to read or write came to.
  public enum Transfer: Equatable, Sendable {
    /// So many bytes, at least one.
    case bytes(Int)
    /// Nothing for now: the readiness will say when.
    case blocked
    /// The peer will send no more.
    case ended
    /// The connection is broken.
    case failed(SystemError)
  }

  /// Who is at the other end.
  public let remote: SocketAddress
  /// The reactor that the connection belongs to.
  public let reactor: Reactor
  private let onClose: @Sendable () -> Void
  private var descriptor: Int32
  private var isRegistered = false

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
    try reactor.register(descriptor, interest, handler: handler)
    isRegistered = true
    self.interest = interest
  }

  /// Changes what the connection is watched for.
  public func watch(_ interest: Readiness) {
    guard isRegistered, interest != self.interest else { return }
    self.interest = interest
    // It fails only for descriptors that are not registered.
    try? reactor.update(descriptor, interest)
  }

  /// Reads what has come in, up to the size of `buffer`.
  public func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    while true {
      let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .ended }
      if errno != EINTR { return failure("recv") }
    }
  }

  /// Sends as much of `bytes`, and then of `more`, as the system takes.
  public func write(
    _ bytes: UnsafeRawBufferPointer, _ more: UnsafeRawBufferPointer = UnsafeRawBufferPointer(start: nil, count: 0)
  ) -> Transfer {
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
  public func shutdownSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Closes the connection; what was written is still delivered. Later calls do nothing.
  public func close() {
    guard descriptor >= 0 else { return }
    if isRegistered { reactor.unregister(descriptor) }
    isRegistered = false
    Glibc.close(descriptor)
    descriptor = -1
    onClose()
  }

  /// Closes the connection so that the peer sees a reset: what it has read so far is not the whole.
  public func abort() {
    guard descriptor >= 0 else { return }
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    close()
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
