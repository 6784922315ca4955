public import Omnibus

/// A regular expression as an option, in the syntax of CEL's `matches` (RE2): `"^H0[0-9]"`. It is compiled when the
/// route is loaded, and matching takes time that grows with the text only.
public struct TextPattern: OptionValue {
  /// How much work a match may do: a unit is a character and a state of the pattern.
  private static let limit = 10_000_000

  private let expression: RegularExpression
  /// What most texts are matched by, where the pattern is not too large for it.
  private let automaton: RegexAutomaton?

  /// Compiles a pattern, or throws what is wrong with it.
  public init(compiling text: String) throws(OptionProblem) {
    do throws(Fault) {
      expression = try RegularExpression(text)
    } catch {
      throw OptionProblem(nil, error.reason)
    }
    automaton = expression.automaton()
  }

  /// A regular expression.
  public static var shape: OptionShape { .scalar("regular expression", example: "\"^H[0-9]\"") }

  /// Compiles the pattern, or reports what is wrong with it.
  public static func decode(_ node: Node, in scope: LoadScope) -> TextPattern? {
    guard let text = String.decode(node, in: scope) else { return nil }
    do throws(OptionProblem) {
      return try TextPattern(compiling: text)
    } catch {
      scope.report("invalid-option", at: node.location, "\(scope.subject): \(error.message)")
      return nil
    }
  }

  /// Whether it matches anywhere in a text in UTF-8; nil where the text is so long that it was given up.
  public func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    automaton?.matches(text) ?? matches(slowly: String(decoding: text, as: UTF8.self))
  }

  /// Whether it matches anywhere in the text; nil where the text is so long that it was given up.
  public func matches(_ text: String) -> Bool? {
    var text = text
    return text.withUTF8 { matches($0) }
  }

  private func matches(slowly text: String) -> Bool? {
    var work = 0
    return try? expression.matches(text) { (units) throws(Fault) in
      work += units
      if work > Self.limit { throw Fault("too much work") }
    }
  }
}
