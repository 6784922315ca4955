public import Omnibus

/// An option that makes a text: a string with `${ expression }` in it, such as a path or a file's name.
public struct TextTemplate: OptionValue {
  private let text: TemplateText

  private init(_ text: TemplateText) { self.text = text }

  /// A template.
  public static var shape: OptionShape { .scalar("text with ${ }", example: "\"${ body.id }\"", form: .text) }

  /// Parses, checks and compiles the expressions in it.
  public static func decode(_ node: Node, in scope: LoadScope) -> TextTemplate? {
    guard node.text != nil, !node.isNull else {
      scope.reportMistyped(node, expected: .scalar("string", example: "\"text\""))
      return nil
    }
    return TemplateText.decode(node, in: scope).map(TextTemplate.init)
  }

  /// A text without expressions.
  public init(_ constant: String) { text = TemplateText(parts: [.literal(constant)]) }

  /// The text, where it holds no expression.
  public var constant: String? { text.constant }

  /// Makes the text. Null, absent, lists and maps inside text fail as `invalid`.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> String {
    try text.evaluate(&message, context) { $0 }
  }

  /// Makes the text for a place with a syntax of its own, such as a path: each value that an expression makes goes
  /// through `encoding` before it is put in, what is written literally does not.
  public func evaluate(
    _ message: inout Message, _ context: Context, encoding: (String) -> String
  ) throws(Failure) -> String {
    try text.evaluate(&message, context, encoding: encoding)
  }
}
