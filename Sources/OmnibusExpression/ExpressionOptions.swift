public import Omnibus

/// An option that is a bare expression with the result true or false: `filter`, `when`.
public struct Condition: OptionValue {
  /// An expression.
  public static var shape: OptionShape { .expression(result: "true or false") }

  /// Parses, checks and compiles the expression; problems are reported with their place within it.
  public static func decode(_ node: Node, in scope: LoadScope) -> Condition? { nil }

  /// Evaluates it; decodes the body first where the expression needs that. Errors are failures of kind `invalid`,
  /// never false.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Bool { false }
}

/// An option that is a bare expression with any result: `split.each`, keys.
public struct Selection: OptionValue {
  /// An expression.
  public static var shape: OptionShape { .expression(result: "any value") }

  /// Parses, checks and compiles the expression.
  public static func decode(_ node: Node, in scope: LoadScope) -> Selection? { nil }

  /// Evaluates it, as `Condition.evaluate` does.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Value { .null }
}

/// An option that makes a value: literal YAML with `${ expression }` in its strings.
public struct Template: OptionValue {
  /// A template.
  public static var shape: OptionShape { .template }

  /// Parses, checks and compiles the expressions in it.
  public static func decode(_ node: Node, in scope: LoadScope) -> Template? { nil }

  /// Makes the value. A string that is one `${ }` alone keeps the type of its value.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Value { .null }
}

/// An option that makes a text: a string with `${ expression }` in it, such as a path or a file's name.
public struct TextTemplate: OptionValue {
  /// A template.
  public static var shape: OptionShape { .template }

  /// Parses, checks and compiles the expressions in it.
  public static func decode(_ node: Node, in scope: LoadScope) -> TextTemplate? { nil }

  /// A text without expressions.
  public init(_ constant: String) {}

  /// The text, where it holds no expression.
  public var constant: String? { nil }

  /// Makes the text. Null, absent, lists and maps inside text fail as `invalid`.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> String { "" }

  /// Makes the text for a place with a syntax of its own, such as a path: each value that an expression makes goes
  /// through `encoding` before it is put in, what is written literally does not.
  public func evaluate(
    _ message: inout Message, _ context: Context, encoding: (String) -> String
  ) throws(Failure) -> String { "" }
}
