/// What is wrong with an expression, found before it is evaluated.
public struct ExpressionError: Error, Sendable, CustomStringConvertible {
  /// One thing that is wrong, with its place.
  public struct Problem: Error, Sendable, Equatable {
    /// The sort of problem: `expression-syntax`, `unknown-variable`, `unknown-function`, `expression-type`.
    public var code: String
    /// What was found and what was expected; lower case, no full stop.
    public var message: String
    /// What to write instead, where that can be said.
    public var help: String?
    /// The bytes of the expression's UTF-8 form that it is about.
    public var range: Range<Int>
    /// The line, from 1.
    public var line: Int
    /// The column in characters (Unicode scalars), from 1.
    public var column: Int
  }

  /// All that is wrong, in the order of the text; never empty.
  public let problems: [Problem]

  /// `1:14: unknown variable "bdy"; did you mean "body"?`, one line a problem.
  public var description: String {
    problems.map { "\($0.line):\($0.column): \($0.message)" }.joined(separator: "\n")
  }
}
