/// The files of a certificate and its private key, PEM.
public struct TLSIdentity: Sendable, Hashable {
  /// The certificate, followed by those between it and its authority.
  public var certificate: String
  /// The private key, without a password.
  public var key: String

  /// The files of an identity.
  public init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }
}
