/// What a listener shows to its clients, and asks of them.
public struct TLSServerConfiguration: Sendable, Hashable {
  /// Whether clients are asked for a certificate.
  public enum ClientCertificates: String, Sendable, Hashable, CaseIterable {
    /// They are not.
    case none
    /// Those that bring one are known by it; one that is not valid is refused.
    case optional
    /// None is let in without.
    case required
  }

  /// The certificates; a client gets the first that bears the name that it asks for, or else the first.
  public var identities: [TLSIdentity]
  /// The file with the authorities of clients' certificates, PEM; needed unless `clientCertificates` is `none`.
  public var clientAuthorities: String?
  /// Whether clients are asked for a certificate.
  public var clientCertificates: ClientCertificates
  /// The oldest version to speak.
  public var minimumVersion: TLSVersion
  /// What is spoken inside, by its registered name such as `http/1.1` (RFC 7301); a client that offers others alone is
  /// refused. Empty for what has no name.
  public var protocols: [String]

  /// A configuration; what cannot be used is found by `TLSServer`.
  public init(
    identities: [TLSIdentity], clientAuthorities: String? = nil, clientCertificates: ClientCertificates = .none,
    minimumVersion: TLSVersion = .tls12, protocols: [String] = []
  ) {
    self.identities = identities
    self.clientAuthorities = clientAuthorities
    self.clientCertificates = clientCertificates
    self.minimumVersion = minimumVersion
    self.protocols = protocols
  }

  var files: [String] {
    identities.flatMap { [$0.certificate, $0.key] } + (clientAuthorities.map { [$0] } ?? [])
  }
}
