public import Omnibus

/// A regular expression as an option, in the syntax of CEL's `matches` (RE2): `"^H0[0-9]"`. It is compiled when the
/// route is loaded, and matching takes time that grows with the text only.
public struct TextPattern: OptionValue {
  /// How much work a match may do: a unit is a character and a state of the pattern.
  private static let limit = 10_000_000

  private let expression: RegularExpression

  /// A regular expression.
  public static var shape: OptionShape { .scalar("regular expression", example: "\"^H[0-9]\"") }

  /// Compiles the pattern, or reports what is wrong with it.
  public static func decode(_ node: Node, in scope: LoadScope) -> TextPattern? {
    guard let text = String.decode(node, in: scope) else { return nil }
    do throws(Fault) {
      return TextPattern(expression: try RegularExpression(text))
    } catch {
      scope.report("invalid-option", at: node.location, "\(scope.subject): \(error.reason)")
      return nil
    }
  }

  /// Whether it matches anywhere in the text; nil where the text is so long that it was given up.
  public func matches(_ text: String) -> Bool? {
    var work = 0
    return try? expression.matches(text) { (units) throws(Fault) in
      work += units
      if work > Self.limit { throw Fault("too much work") }
    }
  }
}
