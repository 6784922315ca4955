internal import COpenSSL

/// Why a TLS session came to its end, or could not begin.
public struct TLSError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What kind of end it was.
  public enum Kind: Sendable {
    /// The peer closed the connection without saying that it is done: what came is not known to be the whole
    /// (RFC 8446, 6.1).
    case truncated
    /// The peer spoke HTTP in the clear.
    case plainHTTP
    /// The peer's certificate was not accepted.
    case certificate
    /// What came breaks the protocol, nothing could be agreed on, or the peer said so.
    case violated
  }

  /// What kind of end it was.
  public let kind: Kind
  /// Why, in words: `no shared cipher`.
  public let reason: String

  /// `tls: no shared cipher`.
  public var description: String { "tls: \(reason)" }

  static let truncated = TLSError(kind: .truncated, reason: "the peer ended the connection without saying so")

  init(kind: Kind, reason: String) {
    self.kind = kind
    self.reason = reason
  }

  /// What the thread's first error says; leaves none in the queue.
  init(_ session: OpaquePointer) {
    let code = ERR_get_error()
    ERR_clear_error()
    let verification = SSL_get_verify_result(session)
    switch omnibus_error_reason(code) {
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: self = .truncated
    case SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST:
      self.init(kind: .plainHTTP, reason: "the peer spoke http without tls")
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      let reason = X509_verify_cert_error_string(verification).map { String(cString: $0) } ?? "not valid"
      self.init(kind: .certificate, reason: "the certificate of the peer: \(reason.lowercased())")
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      self.init(kind: .certificate, reason: "the peer brought no certificate")
    default: self.init(kind: .violated, reason: Self.text(code))
    }
  }

  /// The reason of an error of OpenSSL: `no shared cipher`.
  static func text(_ code: UInt) -> String {
    ERR_reason_error_string(code).map { String(cString: $0).lowercased() } ?? "error \(code)"
  }
}
