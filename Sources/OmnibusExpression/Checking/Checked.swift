import Omnibus

/// An expression whose names, functions and macros are found, with what is known of its type.
struct Checked: Sendable {
  indirect enum Kind: Sendable {
    case literal(Value)
    case variable(VariableScope.Variable)
    /// A variable of a macro, by its place in the frame.
    case local(Int)
    case select(Checked, String, isOptional: Bool)
    case index(Checked, Checked, isOptional: Bool)
    case has(Checked, String)
    case call(Function, [Checked])
    case list([(value: Checked, isOptional: Bool)])
    case map([(key: Checked, value: Checked, isOptional: Bool)])
    case not(Checked)
    case negate(Checked)
    case binary(Syntax.Operator, Checked, Checked)
    case and([Checked])
    case or([Checked])
    case conditional(Checked, Checked, Checked)
    case comprehension(Comprehension)
    case bind(Int, Checked, in: Checked)
    /// `cel.block`: what fails in it counts only where it is used.
    case block([(slot: Int, value: Checked)], in: Checked)
    /// `optMap` and `optFlatMap`.
    case optionalMap(Checked, Int, Checked, isFlat: Bool)
    /// `or` and `orValue`, whose argument is not evaluated where the value is there.
    case optionalOr(Checked, Checked, isValue: Bool)
    /// What is wrong, where that is to show only when it is evaluated.
    case fault(String)
  }

  /// A macro over the elements of a list or a map.
  struct Comprehension: Sendable {
    enum Macro: String, Sendable {
      case all, exists, existsOne, map, filter, transformList, transformMap, transformMapEntry
    }

    let macro: Macro
    let range: Checked
    /// The element of a list or key of a map; with two variables the index or key.
    let first: Int
    /// With two variables the element or value.
    let second: Int?
    let condition: Checked?
    let body: Checked
  }

  let kind: Kind
  let type: ExpressionType
  let span: Span
}
