internal import Omnibus
internal import OmnibusHTTP

/// How a destination logs in.
enum OutboundAuth: OptionValue {
  case none
  /// The value of the `authorization` field.
  case header(Secret)
  case key(APIKey)
  case oauth2(OAuth2Options)

  struct Written: Options {
    @Option(help: "log in as a user", default: "none")
    var basic: Login? = nil

    @Option(help: "log in with a token", default: "none")
    var bearer: Token? = nil

    @Option(help: "log in with a key", name: "api_key", default: "none")
    var key: APIKey? = nil

    @Option(
      help: "log in with tokens of an authorization server: OAuth 2, client credentials (RFC 6749, 4.4)",
      default: "none")
    var oauth2: OAuth2Options? = nil

    var count: Int { (basic == nil ? 0 : 1) + (bearer == nil ? 0 : 1) + (key == nil ? 0 : 1) + (oauth2 == nil ? 0 : 1) }

    func validate(_ node: Node, in scope: LoadScope) {
      guard count != 1 else { return }
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes one of basic, bearer, api_key and oauth2",
        help: "write basic: { user: …, password: … }, bearer: { token: … }, or auth: none")
    }
  }

  static var shape: OptionShape { .either([.oneOf(["none"]), Written.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> OutboundAuth? {
    if node.text == "none" { return OutboundAuth.none }
    guard let written = Written.decode(node, in: scope) else { return nil }
    if let login = written.basic { return .header(Secret("Basic \(login.credentials)")) }
    if let key = written.key { return .key(key) }
    if let options = written.oauth2 { return .oauth2(options) }
    return written.bearer.map { .header(Secret("Bearer \($0.token.reveal)")) }
  }
}
