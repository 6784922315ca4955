internal import COpenSSL

/// One reading of a server's files: a context for each certificate.
///
/// Tickets for resumption (RFC 8446, 4.6.1) are sealed with keys that OpenSSL makes for each context and keeps in memory
/// alone, so they end with it; nothing is kept of a session that has ended.
// @unchecked: all that is not constant is inside OpenSSL, see `TLSContext`.
final class TLSServerMaterial: @unchecked Sendable {
  private let contexts: [TLSContext]
  /// Where a host name's context is, by the name in lower case, with `*` for one label.
  private var places: [String: Int] = [:]
  /// The protocols as they are sent (RFC 7301, 3.1): each behind its length.
  private let protocols: [UInt8]
  /// Files of certificates that are not valid at the time of the reading.
  let invalid: [String]

  init(_ configuration: TLSServerConfiguration) throws(TLSFileProblem) {
    var contexts: [TLSContext] = []
    var invalid: [String] = []
    for identity in configuration.identities {
      let context = TLSContext(isServer: true, minimumVersion: configuration.minimumVersion)
      try context.use(identity)
      if let authorities = configuration.clientAuthorities, configuration.clientCertificates != .none {
        try context.askClients(authorities, isRequired: configuration.clientCertificates == .required)
      }
      if let certificate = context.certificate {
        if omnibus_x509_validity(certificate) != 0 { invalid.append(identity.certificate) }
        for name in CertificateNames(certificate).dns where places[name.lowercased()] == nil {
          places[name.lowercased()] = contexts.count
        }
      }
      contexts.append(context)
    }
    self.contexts = contexts
    self.invalid = invalid
    protocols = configuration.protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    let this = Unmanaged.passUnretained(self).toOpaque()
    for context in contexts { prepare(context, this) }
  }

  /// A session on a socket, to be driven by whoever made it.
  func session(on descriptor: Int32) -> OpaquePointer? {
    guard let session = omnibus_tls_session(contexts[0].pointer, descriptor) else { return nil }
    SSL_set_accept_state(session)
    return session
  }

  private func prepare(_ context: TLSContext, _ this: UnsafeMutableRawPointer) {
    // A session may only be taken up again by the same kind of server; it is what OpenSSL asks for with client certificates.
    let id: [UInt8] = Array("omnibus".utf8)
    SSL_CTX_set_session_id_context(context.pointer, id, UInt32(id.count))
    SSL_CTX_set_timeout(context.pointer, 3600)
    SSL_CTX_set_num_tickets(context.pointer, 1)
    omnibus_tls_on_server_name(
      context.pointer,
      { session, _, this in
        guard let session, let this else { return SSL_TLSEXT_ERR_NOACK }
        return Unmanaged<TLSServerMaterial>.fromOpaque(this).takeUnretainedValue().choose(for: session)
      }, this)
    guard !protocols.isEmpty else { return }
    SSL_CTX_set_alpn_select_cb(
      context.pointer,
      { _, chosen, length, offered, count, this in
        guard let this, let chosen, let length, let offered else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        return Unmanaged<TLSServerMaterial>.fromOpaque(this).takeUnretainedValue()
          .agree(UnsafeBufferPointer(start: offered, count: Int(count)), chosen, length)
      }, this)
  }

  /// Takes the certificate for the name that the client asks for (RFC 6066, 3).
  private func choose(for session: OpaquePointer) -> Int32 {
    guard contexts.count > 1, let name = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name) else {
      return SSL_TLSEXT_ERR_OK
    }
    let host = String(cString: name).lowercased()
    let wildcard = host.firstIndex(of: ".").map { "*\(host[$0...])" }
    if let place = places[host] ?? wildcard.flatMap({ places[$0] }) {
      SSL_set_SSL_CTX(session, contexts[place].pointer)
    }
    return SSL_TLSEXT_ERR_OK
  }

  /// Points `chosen` to the first of what the client offers that is spoken here.
  private func agree(
    _ offered: UnsafeBufferPointer<UInt8>, _ chosen: UnsafeMutablePointer<UnsafePointer<UInt8>?>,
    _ length: UnsafeMutablePointer<UInt8>
  ) -> Int32 {
    var at = 0
    while at < offered.count, at + 1 + Int(offered[at]) <= offered.count {
      let name = offered[at...].prefix(1 + Int(offered[at]))
      if isSpoken(name) {
        chosen.pointee = UnsafePointer(offered.baseAddress).map { $0 + at + 1 }
        length.pointee = offered[at]
        return SSL_TLSEXT_ERR_OK
      }
      at += name.count
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL
  }

  private func isSpoken(_ name: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    var at = 0
    while at < protocols.count {
      let own = protocols[at...].prefix(1 + Int(protocols[at]))
      if own.elementsEqual(name) { return true }
      at += own.count
    }
    return false
  }
}
