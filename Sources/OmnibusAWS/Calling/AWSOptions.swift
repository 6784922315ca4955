public import Omnibus
internal import OmnibusReactor

/// The options by which a component reaches AWS, a part of those of the component.
public struct AWSOptions: Options {
  /// The region, such as eu-central-1.
  @Option(
    help: "the region, such as eu-central-1", default: "AWS_REGION, AWS_DEFAULT_REGION, or that of the profile",
    check: isRegion)
  public var region: String? = nil

  /// The address of the service, for what is not AWS itself or reached by an address of its own.
  @Option(
    help: "the address of the service, for what is not AWS itself or reached by an address of its own",
    default: "AWS_ENDPOINT_URL_ with the service's name, AWS_ENDPOINT_URL, or that of AWS in the region",
    check: isAddress)
  public var endpoint: String? = nil

  /// The id of an access key; it comes with secret_key.
  @Option(
    help: "the id of an access key; it comes with secret_key",
    default: "what the environment, profiles, a container or an instance have")
  public var accessKey: String? = nil

  /// The secret of the access key.
  @Option(
    help: "the secret of the access key", default: "what the environment, profiles, a container or an instance have")
  public var secretKey: Secret? = nil

  /// The token that belongs to keys which are good for a time only.
  @Option(help: "the token that belongs to keys which are good for a time only", default: "none")
  public var sessionToken: Secret? = nil

  /// The profile of ~/.aws/config and ~/.aws/credentials that holds the credentials.
  @Option(
    help: "the profile of ~/.aws/config and ~/.aws/credentials that holds the credentials",
    default: "what the environment, profiles, a container or an instance have")
  public var profile: String? = nil

  /// Take on a role with the credentials.
  @Option(help: "take on a role with the credentials", default: "none")
  public var assumeRole: AssumeRoleOptions? = nil

  /// Take on a role with a token that somebody keeps fresh in a file.
  @Option(help: "take on a role with a token that somebody keeps fresh in a file", default: "none")
  public var webIdentity: WebIdentityOptions? = nil

  /// The address of the token service, which gives the credentials of roles.
  @Option(
    help: "the address of the token service, which gives the credentials of roles", default: "that of AWS",
    check: isAddress)
  public var stsEndpoint: String? = nil

  /// How long it may take until a connection stands.
  @Option(
    help: "how long it may take until a connection stands", check: { $0 > .zero ? nil : "must be more than zero" })
  public var connectTimeout: Duration = .seconds(10)

  /// Whom to trust with https, and which certificate to show.
  @Option(help: "whom to trust with https, and which certificate to show", default: .code("{}"))
  public var tls: ClientTLSOptions = ClientTLSOptions()

  /// Options with their defaults.
  public init() {}

  /// Whether the credentials are written in one way.
  public func validate(_ node: Node, in scope: LoadScope) {
    if (accessKey == nil) != (secretKey == nil) || (sessionToken != nil && secretKey == nil) {
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes access_key and secret_key together",
        help: "write access_key: …, secret_key: \"${env:NAME}\"")
    }
    if let accessKey, let secretKey, keys == nil, !accessKey.isEmpty, !secretKey.reveal.isEmpty {
      scope.report(
        "invalid-option", at: node.location, "\(scope.subject): the access key holds characters that none may have")
    }
    let ways = [(accessKey != nil, "access_key"), (profile != nil, "profile"), (webIdentity != nil, "web_identity")]
    let written = ways.filter(\.0).map(\.1)
    if written.count > 1 {
      scope.report(
        "conflicting-options", at: node.location,
        "\(scope.subject) takes one of access_key, profile and web_identity, found \(written.joined(separator: ", "))",
        help: "write one of them")
    }
  }

  /// The keys that are written; nil where there are none.
  var keys: AWSCredentials? {
    guard let accessKey, let secretKey else { return nil }
    return AWSCredentials(
      accessKey: accessKey, secretKey: secretKey.reveal, sessionToken: sessionToken?.reveal)
  }

  /// Where the credentials come from.
  func source(in directory: String) -> CredentialSource {
    var source = CredentialSource.standard
    if let keys {
      source = .fixed(keys)
    } else if let profile {
      source = .profile(profile)
    } else if let webIdentity {
      let file = webIdentity.tokenFile
      source = .webIdentity(
        webIdentity.assumed, tokenFile: file.hasPrefix("/") ? file : "\(directory)/\(file)")
    }
    return assumeRole.map { .role($0.assumed, by: source) } ?? source
  }

  /// What tells two ways of reaching AWS apart, but for the region and TLS.
  var terms: [String] {
    [
      accessKey ?? "", secretKey?.reveal ?? "", sessionToken?.reveal ?? "", profile ?? "", stsEndpoint ?? "",
      assumeRole.map { "\($0.assumed)" } ?? "", webIdentity.map { "\($0.assumed) \($0.tokenFile)" } ?? "",
      connectTimeout.text,
    ]
  }
}

/// What is wrong with the name of a region; nil for nothing.
@Sendable private func isRegion(_ name: String?) -> String? {
  guard let name else { return nil }
  let isSound = name.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x61...0x7A ~= $0 || $0 == UInt8(ascii: "-") }
  return 1...64 ~= name.utf8.count && isSound ? nil : "is no name of a region"
}

/// What is wrong with an address of a service; nil for nothing.
@Sendable private func isAddress(_ url: String?) -> String? {
  guard let url, AWSEndpoint(url) == nil else { return nil }
  return "is no address such as http://127.0.0.1:4566: http or https, a host, no user and no parameters"
}
