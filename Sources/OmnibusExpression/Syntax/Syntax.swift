/// An expression as it is written: the tree that the parser makes (cel-spec, "Syntax"). Macros are calls here.
struct Syntax: Sendable {
  /// An element of a list, or the value of an entry; `?` before it marks it optional.
  struct Element: Sendable {
    var value: Syntax
    var isOptional: Bool
  }

  /// An entry of a map.
  struct Entry: Sendable {
    var key: Syntax
    var value: Syntax
    var isOptional: Bool
  }

  /// A field of a message literal.
  struct Field: Sendable {
    var name: String
    var span: Span
    var value: Syntax
    var isOptional: Bool
  }

  indirect enum Kind: Sendable {
    case literal(Literal)
    /// A name; one with a leading dot is never a macro's variable.
    case identifier(String, isAbsolute: Bool)
    /// `operand.name` and `operand.?name`.
    case select(Syntax, String, isOptional: Bool)
    /// `operand[index]` and `operand[?index]`.
    case index(Syntax, Syntax, isOptional: Bool)
    /// `name(…)` and `target.name(…)`.
    case call(target: Syntax?, String, [Syntax])
    case list([Element])
    case map([Entry])
    case message(String, [Field])
    case not(Syntax)
    case negate(Syntax)
    case binary(Operator, Syntax, Syntax)
    /// All terms of a chain of `&&`.
    case and([Syntax])
    /// All terms of a chain of `||`.
    case or([Syntax])
    case conditional(Syntax, Syntax, Syntax)
  }

  enum Literal: Sendable {
    case null
    case bool(Bool)
    case int(Int64)
    case uint(UInt64)
    case double(Double)
    case string(String)
    case bytes([UInt8])
  }

  enum Operator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case `in` = "in"
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case remainder = "%"
  }

  let kind: Kind
  /// What errors point at: the name of a selection or a call, the operator, else the whole.
  let span: Span
  /// Where it starts and ends as a whole.
  let extent: Span
  /// How many levels the tree has from here down.
  let depth: Int
}
