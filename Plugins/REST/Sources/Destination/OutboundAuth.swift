internal import Omnibus

/// How a destination logs in.
enum OutboundAuth: OptionValue {
  case none
  /// The value of the `authorization` field.
  case header(Secret)

  struct Written: Options {
    @Option(help: "log in as a user", default: "none")
    var basic: Login? = nil

    @Option(help: "log in with a token", default: "none")
    var bearer: Token? = nil

    func validate(_ node: Node, in scope: LoadScope) {
      guard (basic == nil) == (bearer == nil) else { return }
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes one of basic and bearer",
        help: "write basic: { user: …, password: … }, bearer: { token: … }, or auth: none")
    }
  }

  static var shape: OptionShape { .either([.oneOf(["none"]), Written.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> OutboundAuth? {
    if node.text == "none" { return OutboundAuth.none }
    guard let written = Written.decode(node, in: scope) else { return nil }
    if let login = written.basic { return .header(Secret("Basic \(login.credentials)")) }
    return written.bearer.map { .header(Secret("Bearer \($0.token.reveal)")) }
  }
}
