public import OmnibusReactor

/// The option `tls` of what connects to other systems: whom it trusts, and what it shows. Verification cannot be switched
/// off.
public struct ClientTLSOptions: Options {
  @Option(
    help: "the file with the certificate authorities to trust, PEM, relative to the routes file",
    default: "those of the system")
  var caFile: String? = nil

  @Option(help: "the file with the certificate to show, PEM, followed by those up to its authority", default: "none")
  var certificate: String? = nil

  @Option(help: "the file with the certificate's private key, PEM, without a password", default: "none")
  var key: String? = nil

  @Option(help: "the oldest version to speak")
  var minimumVersion: TLSVersion = .tls12

  /// Options with their defaults.
  public init() {}

  /// Whether the files are there and fit together.
  public func validate(_ node: Node, in scope: LoadScope) {
    guard (certificate == nil) == (key == nil) else {
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes certificate and key together",
        help: "write certificate: client.pem, key: client.key.pem")
      return
    }
    do throws(TLSFileProblem) {
      _ = try TLSClient(configuration(in: scope.directory))
    } catch {
      error.report(node, in: scope)
    }
  }

  /// What a client is made from; relative paths start from `directory`.
  public func configuration(in directory: String) -> TLSClientConfiguration {
    var identity: TLSIdentity?
    if let certificate, let key {
      identity = TLSIdentity(
        certificate: RelativePath.resolve(certificate, in: directory), key: RelativePath.resolve(key, in: directory))
    }
    return TLSClientConfiguration(
      authorities: caFile.map { RelativePath.resolve($0, in: directory) }, identity: identity,
      minimumVersion: minimumVersion)
  }
}
