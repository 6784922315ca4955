public import Omnibus
internal import OmnibusReactor

/// Where and for whom the admin API is served: `admin` of `omnibus.yaml`.
public struct AdminOptions: Options {
  /// Whether it is served.
  @Option(help: "serve the admin API, metrics and health")
  public var enabled: Bool = true

  /// The address.
  @Option(
    help: "the address to listen on; one that is not of this machine alone needs tls and a token",
    check: { SocketAddress.split($0) == nil ? "is host:port, such as 127.0.0.1:9640" : nil })
  public var listen: String = "127.0.0.1:9640"

  /// What it shows to clients, and asks of them.
  @Option(help: "speak HTTPS", default: "none, HTTP in the clear")
  public var tls: ServerTLSOptions? = nil

  /// Who is let in.
  @Option(help: "who is let in, each by a token of their own", default: .code("[]"))
  public var tokens: [AdminTokenOptions] = []

  /// What those may do who bring no token; nil for what suits the address.
  @Option(
    help: "what those may do who bring no token; anything but none only where listen is of this machine alone",
    default: "operator where listen is of this machine alone, else none")
  public var anonymous: AnonymousAdmin? = nil

  /// The defaults.
  public init() {}

  /// Whether only programs of this machine can reach the address, as far as its text tells.
  public var isLoopback: Bool {
    guard let (host, _) = SocketAddress.split(listen) else { return false }
    return host.lowercased() == "localhost" || SocketAddress(listen)?.isLoopback == true
  }

  /// The rights of those who bring no token.
  public var anonymousRights: Set<AdminRight> { (anonymous ?? (isLoopback ? .operator : .none)).rights }

  /// Whether nobody gets in over a network who was not let in.
  public func validate(_ node: Node, in scope: LoadScope) {
    var names: Set<String> = []
    for token in tokens where !names.insert(token.name).inserted {
      scope.report(
        "duplicate-id", at: node["tokens"]?.location ?? node.location,
        "\(scope.subject) has two tokens of the name \"\(token.name)\"")
    }
    guard enabled, !isLoopback else { return }
    let place = node["listen"]?.location ?? node.location
    func report(_ problem: String, _ help: String) {
      scope.report(
        "unprotected-admin", at: place, "\(scope.subject) can be reached by other machines\(problem)", help: help)
    }
    if tls == nil {
      report(" and does not speak TLS", "write tls: { certificate: …, key: … }, or listen: \"127.0.0.1:9640\"")
    }
    if tokens.isEmpty {
      report(" and has no tokens", "omnibus token create prints a token with the line for this file")
    }
    if anonymous ?? .none != .none { report(" and lets in who brings no token", "write anonymous: none") }
  }
}
