public import Omnibus

/// An option that is a bare expression with any result: `split.each`, keys.
public struct Selection: OptionValue {
  private let expression: Expression

  /// An expression.
  public static var shape: OptionShape { .expression(result: "any value", example: "body.id") }

  /// Parses, checks and compiles the expression.
  public static func decode(_ node: Node, in scope: LoadScope) -> Selection? {
    scope.expression(node, shape).map(Selection.init)
  }

  /// Whether it reads the body, which it then decodes.
  public var readsBody: Bool { expression.readsBody }

  /// Evaluates it, as `Condition.evaluate` does. An optional value gives what it holds, null where it holds nothing.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Value {
    try expression.evaluate(&message, context).unwrapped ?? .null
  }
}

extension Value {
  /// What an optional value holds, nil where it holds nothing; any other value as it is.
  var unwrapped: Value? {
    guard case .optional(let inner) = self else { return self }
    return inner?.unwrapped
  }
}
