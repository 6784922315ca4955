internal import COpenSSL

/// What was agreed on when a TLS session began, and with whom.
public struct TLSDetails: Sendable, Equatable {
  /// The version: `TLSv1.3`.
  public let version: String
  /// The cipher, as OpenSSL calls it: `TLS_AES_128_GCM_SHA256`.
  public let cipher: String
  /// The host name that the client asked for; nil where it asked for none.
  public let serverName: String?
  /// Who the peer is; nil where it showed no certificate.
  public let peer: TLSPeer?

  init(_ session: OpaquePointer) {
    version = String(cString: SSL_get_version(session))
    cipher = SSL_CIPHER_get_name(SSL_get_current_cipher(session)).map { String(cString: $0) } ?? ""
    serverName = SSL_get_servername(session, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
    guard let certificate = SSL_get1_peer_certificate(session) else {
      peer = nil
      return
    }
    peer = TLSPeer(certificate)
    X509_free(certificate)
  }
}
