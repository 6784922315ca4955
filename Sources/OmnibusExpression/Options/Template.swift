public import Omnibus

/// An option that makes a value: literal YAML with `${ expression }` in its strings.
public struct Template: OptionValue {
  private indirect enum Made: Sendable {
    case constant(Value)
    case expression(Expression)
    case text(TemplateText)
    case list([Made])
    case map([(String, Made)])
  }

  private let made: Made

  /// A template.
  public static var shape: OptionShape { .template }

  /// Parses, checks and compiles the expressions in it. What is written without quotes keeps the type that it has in
  /// JSON: numbers, `true`, `false`, and null for nothing.
  public static func decode(_ node: Node, in scope: LoadScope) -> Template? {
    make(node, scope).map(Template.init)
  }

  /// Makes the value. A string that is one `${ }` alone keeps the type of its value; an optional value that holds
  /// nothing leaves its entry out.
  public func evaluate(_ message: inout Message, _ context: Context) throws(Failure) -> Value {
    try Self.evaluate(made, &message, context) ?? .null
  }

  private static func evaluate(
    _ made: Made, _ message: inout Message, _ context: Context
  ) throws(Failure) -> Value? {
    switch made {
    case .constant(let value): return value
    case .expression(let expression): return try expression.evaluate(&message, context).unwrapped
    case .text(let text): return .string(try text.evaluate(&message, context) { $0 })
    case .list(let elements):
      var values: [Value] = []
      for element in elements {
        if let value = try evaluate(element, &message, context) { values.append(value) }
      }
      return .list(values)
    case .map(let entries):
      var map = ValueMap()
      for (name, entry) in entries {
        if let value = try evaluate(entry, &message, context) { map.append(uniqueKey: .string(name), value) }
      }
      return .map(map)
    }
  }

  private static func make(_ node: Node, _ scope: LoadScope) -> Made? {
    switch node.value {
    case .scalar(let text, let isPlain):
      if isPlain, let value = plain(text, node) { return .constant(value) }
      guard let text = TemplateText.decode(node, in: scope) else { return nil }
      if let expression = text.alone { return .expression(expression) }
      if let constant = text.constant { return .constant(.string(constant)) }
      return .text(text)
    case .sequence(let nodes):
      let elements = nodes.map { make($0, scope) }
      return elements.contains { $0 == nil } ? nil : .list(elements.compactMap { $0 })
    case .mapping(let entries):
      let made = entries.map { ($0.key.text ?? "", make($0.value, scope)) }
      if made.contains(where: { $0.1 == nil }) { return nil }
      return .map(made.compactMap { name, value in value.map { (name, $0) } })
    }
  }

  /// What text without quotes stands for where that is no string; numbers follow JSON's grammar, so `007` is a string.
  private static func plain(_ text: String, _ node: Node) -> Value? {
    if node.isNull { return .null }
    if text == "true" || text == "false" { return .bool(text == "true") }
    guard DecimalText.isNumber(text) else { return nil }
    return Int64(text).map(Value.int) ?? .decimal(ExactDecimal(unchecked: text))
  }
}
