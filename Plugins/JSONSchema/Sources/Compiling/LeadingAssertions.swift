/// The assertions that a regular expression begins with, `^(?=.*[0-9])(?!x)…`: each is a pattern of its own, which the text
/// matches from its start or does not. Others, further in, cannot be taken out.
struct LeadingAssertions {
  /// What each asserts, for the start of a text, and whether it is that this does not follow.
  private(set) var patterns: [(text: String, isNegated: Bool)] = []
  /// The expression without them.
  private(set) var rest: String

  /// Takes the assertions out of an expression; none where it has alternatives, of which they may begin one only.
  init(_ expression: String) {
    rest = expression
    guard expression.hasPrefix("^(?"), !Self.hasAlternatives(expression[...]) else { return }
    var left = expression.dropFirst()
    while left.hasPrefix("(?=") || left.hasPrefix("(?!"), let end = Self.end(of: left) {
      let inner = left[left.index(left.startIndex, offsetBy: 3)..<left.unicodeScalars.index(before: end)]
      patterns.append(("^(?:\(inner))", left.hasPrefix("(?!")))
      left = left[end...]
      // Nothing may be said of how often it holds.
      guard !["*", "+", "?", "{"].contains(left.first) else {
        patterns = []
        return
      }
    }
    rest = "^\(left)"
  }

  /// Whether a `|` stands outside of all groups.
  private static func hasAlternatives(_ text: Substring) -> Bool { scan(text) { $0 == "|" && $1 == 0 } != nil }

  /// Behind the bracket that closes the group which `text` begins with.
  private static func end(of text: Substring) -> String.Index? {
    scan(text) { $0 == ")" && $1 == 0 }.map { text.unicodeScalars.index(after: $0) }
  }

  /// The first character, outside of classes and not escaped, for which `isFound` holds, being told how deep in groups it
  /// leaves the expression.
  private static func scan(_ text: Substring, _ isFound: (Unicode.Scalar, Int) -> Bool) -> String.Index? {
    var (depth, isInClass) = (0, false)
    let scalars = text.unicodeScalars
    var place = scalars.startIndex
    while place < scalars.endIndex {
      let scalar = scalars[place]
      if scalar == "\\" {
        place = scalars.index(after: place)
        guard place < scalars.endIndex else { return nil }
      } else if isInClass {
        isInClass = scalar != "]"
      } else {
        switch scalar {
        case "[": isInClass = true
        case "(": depth += 1
        case ")": depth -= 1
        default: break
        }
        if isFound(scalar, depth) { return place }
      }
      place = scalars.index(after: place)
    }
    return nil
  }
}
