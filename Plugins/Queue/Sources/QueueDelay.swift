internal import Omnibus
internal import OmnibusExpression

/// A duration that is written, or made by an expression: `10s`, `${ duration("10s") * body.priority }`.
struct QueueDelay: OptionValue {
  private enum Made: Sendable {
    case constant(Duration)
    case template(Template)
  }

  private let made: Made

  static var shape: OptionShape { .scalar("duration or ${ }", example: "10s", form: .text) }

  static func decode(_ node: Node, in scope: LoadScope) -> QueueDelay? {
    let isTemplate = node.text.map { $0.contains("${") && !$0.contains("${env:") && !$0.contains("${file:") } ?? false
    guard isTemplate else { return Duration.decode(node, in: scope).map { QueueDelay(made: .constant($0)) } }
    return Template.decode(node, in: scope).map { QueueDelay(made: .template($0)) }
  }

  /// The duration for a message; a negative one is none.
  func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Duration {
    switch made {
    case .constant(let duration): return duration
    case .template(let template):
      guard case .duration(let duration) = try template.evaluate(&message, context) else {
        throw Failure(.invalid, "delay is no duration, expected one such as duration(\"10s\") makes")
      }
      return max(duration, .zero)
    }
  }
}
