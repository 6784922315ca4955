import Omnibus
import OmnibusExpression

/// A regular expression of a schema.
struct SchemaPattern: Sendable {
  private let pattern: TextPattern
  /// What a text must match besides, or must not.
  private let assertions: [(pattern: TextPattern, isNegated: Bool)]

  /// Compiles a pattern of ECMA-262, or says what is wrong with it.
  init(_ text: String) throws(OptionProblem) {
    let parts = LeadingAssertions(text)
    var assertions: [(pattern: TextPattern, isNegated: Bool)] = []
    for (text, isNegated) in parts.patterns { assertions.append((try Self.compile(text), isNegated)) }
    self.assertions = assertions
    pattern = try Self.compile(parts.rest)
  }

  private static func compile(_ text: String) throws(OptionProblem) -> TextPattern {
    try TextPattern(compiling: try ECMAScriptPattern.translate(text))
  }

  /// Whether it matches anywhere in the text; nil where the text is so long that it was given up.
  func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool? {
    for (pattern, isNegated) in assertions {
      guard let isMatch = pattern.matches(text) else { return nil }
      if isMatch == isNegated { return false }
    }
    return pattern.matches(text)
  }
}
