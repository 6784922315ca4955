public import Omnibus

/// Somebody who is let in: an element of `admin.tokens` of `omnibus.yaml`.
public struct AdminTokenOptions: Options {
  /// What those are called who bring no token.
  public static let anonymousName = "anonymous"

  /// Whom the token belongs to, for the log.
  @Option(
    help: "whom the token belongs to, as the log names them",
    check: { problem(ofName: $0) })
  public var name: String

  /// The hash of the token.
  @Option(help: "the SHA-256 of the token, as omnibus token create prints it")
  public var hash: TokenHash

  /// The bundle of rights.
  @Option(
    help:
      "what it is for: a viewer sees metadata, an operator also changes how the engine runs and replays, an admin may "
      + "do everything", default: "none")
  public var role: AdminRole? = nil

  /// Rights beside those of the role.
  @Option(help: "rights beside those of the role", default: .code("[]"))
  public var rights: [AdminRight] = []

  /// A token that is to be described.
  public init() {}

  /// Whether it is good for anything.
  public func validate(_ node: Node, in scope: LoadScope) {
    guard role == nil, rights.isEmpty else { return }
    scope.report(
      "missing-option", at: node.location, "\(scope.subject) gives the token no rights", help: "write role: viewer")
  }

  /// What is wrong with a name, nil for nothing.
  public static func problem(ofName name: String) -> String? {
    let isName = (1...64).contains(name.utf8.count) && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    guard isName else { return "is 1 to 64 letters, digits and signs without spaces" }
    return name == anonymousName ? "must not be \(anonymousName), which the log calls those without a token" : nil
  }

  /// All rights that it gives.
  public var allRights: Set<AdminRight> { (role?.rights ?? []).union(rights) }
}
