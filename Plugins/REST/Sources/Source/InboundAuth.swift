internal import Omnibus

/// Who may send to a source.
enum InboundAuth: OptionValue {
  /// Everybody.
  case none
  /// Those who bring what the gate looks for.
  case required(Gate)

  struct Written: Options {
    @Option(help: "the user, or a list of users, who may send", default: "none")
    var basic: OneOrMany<Login>? = nil

    @Option(help: "the token, or a list of tokens, that a sender may bring", default: "none")
    var bearer: OneOrMany<Token>? = nil

    @Option(help: "the key, or a list of keys, that a sender may bring", name: "api_key", default: "none")
    var keys: OneOrMany<APIKey>? = nil

    func validate(_ node: Node, in scope: LoadScope) {
      guard (basic?.elements ?? []).isEmpty, (bearer?.elements ?? []).isEmpty, (keys?.elements ?? []).isEmpty else {
        return
      }
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) names nobody who may send",
        help: "write basic: { user: …, password: … }, bearer: { token: … }, or auth: none")
    }
  }

  static var shape: OptionShape { .either([.oneOf(["none"]), Written.shape]) }

  static func decode(_ node: Node, in scope: LoadScope) -> InboundAuth? {
    if node.text == "none" { return InboundAuth.none }
    guard let written = Written.decode(node, in: scope) else { return nil }
    return .required(
      Gate(
        basic: (written.basic?.elements ?? []).map(\.credentials),
        bearer: (written.bearer?.elements ?? []).map(\.token.reveal), keys: written.keys?.elements ?? []))
  }
}
