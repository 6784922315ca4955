/// What names an expression can use.
public struct VariableScope: Sendable {
  /// What a name stands for.
  enum Variable: Sendable, Equatable {
    case body, headers, properties, message, route, failure
    /// What the caller binds.
    case bound(String)
  }

  let variables: [String: Variable]
  /// Whether names and types are left to be judged when the expression is evaluated.
  let isOpen: Bool

  /// The variables of routes: `body`, `headers`, `properties`, `message`, `route`, and `failure` for what is run on a
  /// failure. Everything that is wrong for certain is reported.
  public static let route = VariableScope(
    variables: [
      "body": .body, "headers": .headers, "properties": .properties, "message": .message, "route": .route,
      "failure": .failure,
    ], isOpen: false)

  /// The variables of routes and those in `names`. Unknown names and operands of the wrong type are errors only when
  /// they are evaluated, as for expressions that were not checked (cel-spec, "Evaluation").
  public static func open(_ names: some Sequence<String>) -> VariableScope {
    let bound = Dictionary(names.map { ($0, Variable.bound($0)) }) { first, _ in first }
    return VariableScope(variables: route.variables.merging(bound) { $1 }, isOpen: true)
  }

  /// The members that are known, of variables that have no others.
  static func members(_ variable: Variable) -> [String]? {
    switch variable {
    case .message: ["id", "content_type"]
    case .route: ["id", "revision", "step"]
    case .failure:
      ["kind", "reason", "component", "step", "place", "problems", "retry_after", "record", "line"]
    default: nil
    }
  }
}
