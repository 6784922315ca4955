public import Omnibus

/// An option that makes a duration: one that is written, or that an expression makes: `10s`,
/// `${ duration("10s") * body.priority }`.
public struct DurationTemplate: OptionValue {
  private enum Made: Sendable {
    case constant(Duration)
    case template(Template)
  }

  private let made: Made

  /// A duration or a template.
  public static var shape: OptionShape { .scalar("duration or ${ }", example: "10s", form: .text) }

  /// Reads a duration, or parses, checks and compiles the expression.
  public static func decode(_ node: Node, in scope: LoadScope) -> DurationTemplate? {
    guard let text = node.text, SettingReferences.holdsExpression(text) else {
      return Duration.decode(node, in: scope).map { DurationTemplate(made: .constant($0)) }
    }
    return Template.decode(node, in: scope).map { DurationTemplate(made: .template($0)) }
  }

  /// The duration, where it is written.
  public var constant: Duration? { if case .constant(let duration) = made { duration } else { nil } }

  /// Makes the duration for a message, which may be negative; nil where the expression makes something else.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Duration? {
    switch made {
    case .constant(let duration): return duration
    case .template(let template):
      guard case .duration(let duration) = try template.evaluate(&message, context) else { return nil }
      return duration
    }
  }
}
