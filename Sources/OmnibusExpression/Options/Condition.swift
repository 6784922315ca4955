public import Omnibus

/// An option that is a bare expression with the result true or false: `filter`, `when`.
public struct Condition: OptionValue {
  private let expression: Expression

  /// An expression.
  public static var shape: OptionShape { .expression(result: "true or false", example: "body.id != \"\"") }

  /// Parses, checks and compiles the expression; problems are reported with their place within it.
  public static func decode(_ node: Node, in scope: LoadScope) -> Condition? {
    guard let expression = scope.expression(node, shape) else { return nil }
    guard expression.type.canBe(.bool) else {
      scope.report(
        "expression-type", at: node.location,
        "\(scope.subject) takes an expression that is true or false, found one that is "
          + expression.type.withArticle)
      return nil
    }
    return Condition(expression: expression)
  }

  /// Evaluates it; decodes the body first where the expression needs that. Errors are failures of kind `invalid`,
  /// never false.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Bool {
    try expression.holds(&message, context)
  }
}
