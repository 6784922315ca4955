import Omnibus
import OmnibusExpression

/// A regular expression of a schema.
struct SchemaPattern: Sendable {
  private let pattern: TextPattern

  /// Compiles a pattern of ECMA-262, or says what is wrong with it.
  init(_ text: String) throws(OptionProblem) {
    pattern = try TextPattern(compiling: try ECMAScriptPattern.translate(text))
  }

  /// Whether it matches anywhere in the text; nil where the text is so long that it was given up.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool? { pattern.matches(text) }
}
