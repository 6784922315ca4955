/// Whom a client trusts, and what it shows.
public struct TLSClientConfiguration: Sendable, Hashable {
  /// The file with the authorities to trust, PEM; nil for the system's. Verification cannot be switched off.
  public var authorities: String?
  /// The certificate to show to a server that asks for one.
  public var identity: TLSIdentity?
  /// The oldest version to speak.
  public var minimumVersion: TLSVersion

  /// A configuration; the default trusts the system's authorities and shows nothing.
  public init(
    authorities: String? = nil, identity: TLSIdentity? = nil, minimumVersion: TLSVersion = .tls12
  ) {
    self.authorities = authorities
    self.identity = identity
    self.minimumVersion = minimumVersion
  }

  var files: [String] {
    (authorities.map { [$0] } ?? []) + (identity.map { [$0.certificate, $0.key] } ?? [])
  }
}
