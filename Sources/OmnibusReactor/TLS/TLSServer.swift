/// Makes connections that were accepted speak TLS. It is one for a listener, and lasts while its certificates change.
public final class TLSServer: Sendable {
  /// What it was made from.
  public let configuration: TLSServerConfiguration
  private let material: TLSMaterial<TLSServerMaterial>

  /// Reads the files, and so blocks; throws for one that cannot be used, or a key that does not fit its certificate.
  public init(_ configuration: TLSServerConfiguration) throws(TLSFileProblem) {
    precondition(!configuration.identities.isEmpty, "a server without a certificate")
    self.configuration = configuration
    // The keys that tickets are sealed with are made anew with it: who finds them reads that much and no more.
    material = try TLSMaterial(configuration.files, lifetime: .seconds(12 * 3600)) { () throws(TLSFileProblem) in
      try TLSServerMaterial(configuration)
    }
  }

  /// Looks whether files changed, and reads them then, for new connections. Blocks. A file that cannot be used leaves
  /// all as it was.
  public func refresh() -> TLSRefresh { material.refresh() }

  /// The files of certificates that had expired, or were not valid yet, when they were read.
  public var invalidCertificates: [String] { material.value.invalid }

  var current: TLSServerMaterial { material.value }
}
