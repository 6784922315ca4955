public import OmnibusReactor

/// The option `tls` of sources that listen: what they show to clients, and what they ask of them.
public struct ServerTLSOptions: Options {
  @Option(
    help: "the file with the certificate, PEM, followed by those up to its authority; relative to the routes file")
  var certificate: String

  @Option(help: "the file with the certificate's private key, PEM, without a password")
  var key: String

  @Option(
    help:
      "further certificates: a client gets the first that bears the name that it asks for, or else the first of all",
    default: "none")
  var moreCertificates: [CertificateOptions] = []

  @Option(
    help: "whether clients are asked for a certificate; optional lets those in that have none, and no invalid one")
  var clientCertificates: TLSServerConfiguration.ClientCertificates = .none

  @Option(help: "the file with the authorities of the clients' certificates, PEM", name: "client_ca", default: "none")
  var clientCA: String? = nil

  @Option(help: "the oldest version to speak")
  var minimumVersion: TLSVersion = .tls12

  /// Options with their defaults.
  public init() {}

  /// Whether the files are there and fit together.
  public func validate(_ node: Node, in scope: LoadScope) {
    guard (clientCertificates == .none) == (clientCA == nil) else {
      scope.report(
        "conflicting-options", at: node.location,
        "\(scope.subject) takes client_ca and client_certificates together",
        help: "write client_certificates: required, client_ca: authorities.pem")
      return
    }
    do throws(TLSFileProblem) {
      _ = try TLSServer(configuration(in: scope.directory))
    } catch {
      error.report(node, in: scope)
    }
  }

  /// What a listener is made from. Relative paths start from `directory`; `protocols` are those that are spoken inside, by their registered names (RFC 7301).
  public func configuration(in directory: String, protocols: [String] = []) -> TLSServerConfiguration {
    let first = TLSIdentity(
      certificate: RelativePath.resolve(certificate, in: directory), key: RelativePath.resolve(key, in: directory))
    return TLSServerConfiguration(
      identities: [first] + moreCertificates.map { $0.identity(in: directory) },
      clientAuthorities: clientCA.map { RelativePath.resolve($0, in: directory) },
      clientCertificates: clientCertificates,
      minimumVersion: minimumVersion, protocols: protocols)
  }

  /// A certificate beside the first.
  struct CertificateOptions: Options {
    @Option(help: "the file with the certificate, PEM, followed by those up to its authority")
    var certificate: String

    @Option(help: "the file with the certificate's private key, PEM, without a password")
    var key: String

    func identity(in directory: String) -> TLSIdentity {
      TLSIdentity(
        certificate: RelativePath.resolve(certificate, in: directory), key: RelativePath.resolve(key, in: directory))
    }
  }
}

/// `minimum_version: 1.3`.
extension TLSVersion: OptionEnum {}

/// `client_certificates: required`.
extension TLSServerConfiguration.ClientCertificates: OptionEnum {}
