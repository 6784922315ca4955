/// What an instruction does. Behind it stands the number of the place of its keyword, then what is said here: nodes and
/// entries of the program's tables by their number, -1 for none.
enum Instruction: Int32 {
  /// The end of a list.
  case end
  /// node
  case reference
  /// node, anchor
  case dynamicReference
  /// count, nodes
  case allOf
  /// count, nodes
  case anyOf
  /// count, nodes
  case oneOf
  /// node
  case not
  /// condition, then, else
  case condition
  /// constant
  case constant
  /// first constant, count, texts
  case enumeration
  /// hashes, texts
  case listed
  /// length
  case minLength
  /// length
  case maxLength
  /// pattern
  case pattern
  /// format
  case format
  /// whether it is in Base64, whether it is JSON
  case content
  /// bound
  case minimum
  /// bound
  case exclusiveMinimum
  /// bound
  case maximum
  /// bound
  case exclusiveMaximum
  /// divisor
  case multipleOf
  /// count
  case minItems
  /// count
  case maxItems
  case uniqueItems
  /// node of the rest, count, nodes of the first elements
  case items
  /// node, least, most, whether what it finds is evaluated
  case contains
  /// node
  case unevaluatedItems
  /// count
  case minProperties
  /// count
  case maxProperties
  /// names, required ones among them, node of other members, place of `required`, count, patterns with their nodes
  case members
  /// node
  case propertyNames
  /// name, count, names
  case dependentRequired
  /// name, node
  case dependentSchema
  /// node
  case unevaluatedProperties
}
