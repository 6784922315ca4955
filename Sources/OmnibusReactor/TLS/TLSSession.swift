internal import COpenSSL

/// Stands between a connection and its socket: encrypts what is written, decrypts what is read, and says what the socket
/// must be watched for, because to read may want to write and the reverse. Touched by its reactor's thread alone.
// @unchecked: see the line above.
final class TLSSession: ReadinessHandler, @unchecked Sendable {
  /// What a step of the handshake came to.
  enum Handshake {
    case done
    case blocked
    case failed(TCPConnection.Transfer)
  }

  private var session: OpaquePointer?
  /// What the callbacks of `session` point to.
  private let material: AnyObject
  /// Nil before the connection is watched, and once it is closed.
  var handler: (any ReadinessHandler)?
  /// What the handler waits for.
  var wanted: Readiness = []
  /// What must come before a read, or a write, can go on.
  private var readNeed = Readiness.readable
  private var writeNeed = Readiness.writable
  /// Whether there are bytes that the socket has given already, and so will not tell of.
  private var hasPending = false
  private var isAnnounced = false
  /// How the session has ended, once it has.
  private var end: TCPConnection.Transfer?
  private var hasSaidGoodbye = false

  init(_ session: OpaquePointer, keeping material: AnyObject) {
    self.session = session
    self.material = material
  }

  deinit { SSL_free(session) }

  /// Whether the handshake is over.
  var isEstablished: Bool { session.map { SSL_is_init_finished($0) == 1 } ?? false }

  /// What was agreed on; nil before the handshake is over. Made anew each time.
  var details: TLSDetails? { session.flatMap { isEstablished ? TLSDetails($0) : nil } }

  // MARK: bytes

  /// Goes on with the handshake; `read` does so by itself.
  func shakeHands() -> Handshake {
    guard let session else { return .failed(.failed(.closed)) }
    let outcome = omnibus_tls_handshake(session)
    switch note(outcome, &readNeed, session) {
    case nil:
      // Of what followed the handshake the socket does not tell again.
      hasPending = SSL_has_pending(session) == 1
      return .done
    case .blocked?: return .blocked
    case let failure?: return .failed(failure)
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> TCPConnection.Transfer {
    guard let session else { return .failed(.closed) }
    if let end { return end }
    hasPending = false
    var total = 0
    while true {
      var count = 0
      let outcome = omnibus_tls_read(session, buffer.baseAddress.map { $0 + total }, buffer.count - total, &count)
      if let stop = note(outcome, &readNeed, session) {
        guard total > 0 else { return stop }
        // What ended it is told by the next read, and the socket need not say that it is time for one.
        hasPending = stop != .blocked
        return .bytes(total)
      }
      total += count
      guard SSL_has_pending(session) == 1 else { return .bytes(total) }
      guard total < buffer.count else {
        hasPending = true
        return .bytes(total)
      }
    }
  }

  /// Takes as much as the socket does. After `blocked`, or fewer bytes than there were, the next call must begin with
  /// the bytes that were left: they may be encrypted already. Where they lie does not matter.
  func write(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> TCPConnection.Transfer {
    guard let session else { return .failed(.closed) }
    if let end, end != .ended { return end }
    var sent = 0
    for part in [first, second] {
      var at = 0
      while at < part.count {
        var count = 0
        let outcome = omnibus_tls_write(session, part.baseAddress.map { $0 + at }, part.count - at, &count)
        if let stop = note(outcome, &writeNeed, session) {
          return stop == .blocked && sent > 0 ? .bytes(sent) : stop
        }
        at += count
        sent += count
      }
    }
    return .bytes(sent)
  }

  /// Tells the peer that nothing more will be sent (RFC 8446, 6.1); false where the socket takes nothing now.
  func sayGoodbye() -> Bool {
    guard let session, end == nil || end == .ended, isEstablished, !hasSaidGoodbye else { return true }
    ERR_clear_error()
    hasSaidGoodbye = SSL_shutdown(session) >= 0
    return hasSaidGoodbye
  }

  /// Gives back the memory.
  func close() {
    handler = nil
    SSL_free(session)
    session = nil
  }

  /// Nil for success; what stands in the way else, with `need` set to what will take it away.
  private func note(_ outcome: Int32, _ need: inout Readiness, _ session: OpaquePointer) -> TCPConnection.Transfer? {
    switch UInt32(outcome) {
    case OMNIBUS_TLS_DONE.rawValue: return nil
    case OMNIBUS_TLS_WANT_READ.rawValue:
      need = .readable
      return .blocked
    case OMNIBUS_TLS_WANT_WRITE.rawValue:
      need = .writable
      return .blocked
    case OMNIBUS_TLS_CLOSED.rawValue: end = .ended
    case OMNIBUS_TLS_SYSTEM.rawValue: end = .failed(SystemError("tls"))
    default: end = .broken(TLSError(session))
    }
    return end
  }

  // MARK: readiness

  /// What the socket is to be watched for.
  var needs: Readiness {
    var needs: Readiness = []
    if wanted.contains(.readable) { needs.formUnion(readNeed) }
    if wanted.contains(.writable) { needs.formUnion(writeNeed) }
    return needs
  }

  /// Whether a read would bring something that the socket does not tell of. Answers true once, until the next `tell`.
  func mustAnnounce() -> Bool {
    guard hasPending, !isAnnounced, wanted.contains(.readable) else { return false }
    isAnnounced = true
    return true
  }

  /// Tells the handler what was announced, if it is still so.
  func tell() {
    isAnnounced = false
    if hasPending, wanted.contains(.readable) { handler?.ready(.readable) }
  }

  func ready(_ found: Readiness) {
    var told = found.intersection([.hangUp, .failed])
    if wanted.contains(.readable), !found.isDisjoint(with: readNeed) { told.insert(.readable) }
    if wanted.contains(.writable), !found.isDisjoint(with: writeNeed) { told.insert(.writable) }
    handler?.ready(told)
  }
}
