internal import Omnibus
internal import OmnibusEngine

/// One option as reference pages show it; nested options have dotted names.
struct ReferenceRow {
  let name: String
  let type: String
  let value: String
  /// Whether the value is as it would be written.
  let isCode: Bool
  let help: String

  /// The options of `shape`, nested ones after that which holds them.
  static func rows(_ shape: OptionShape, prefix: String = "") -> [ReferenceRow] {
    switch shape {
    case .fields(let fields):
      fields.flatMap { field in
        let name = prefix + field.name
        let row = ReferenceRow(
          name: name, type: type(field.shape), value: value(field),
          isCode: !field.isRequired && !field.isDefaultProse && field.defaultText != nil, help: help(field))
        return [row] + rows(field.shape, prefix: name + ".")
      }
    case .using(let role, let fields):
      [named(role, prefix: prefix)] + rows(.fields(fields), prefix: prefix)
    case .list(let element): rows(element, prefix: prefix.isEmpty ? "" : "\(prefix.dropLast())[].")
    case .map(let value): rows(value, prefix: prefix.isEmpty ? "" : "\(prefix)*.")
    case .either(let shapes): shapes.flatMap { rows($0, prefix: prefix) }
    case .scalar, .oneOf, .expression, .template, .steps: []
    }
  }

  /// The row for a component that a map of options may name.
  private static func named(_ role: Component.Role, prefix: String) -> ReferenceRow {
    ReferenceRow(
      name: "\(prefix)<\(role.rawValue)>", type: "map", value: "none", isCode: false,
      help: "the name of a \(role.rawValue), with its options")
  }

  private static func value(_ field: OptionField) -> String {
    field.isRequired ? "required" : field.defaultText.map { $0.isEmpty ? "\"\"" : $0 } ?? "none"
  }

  private static func help(_ field: OptionField) -> String {
    field.help + (field.rangeText.map { " (\($0))" } ?? "")
  }

  /// The type in a word or two.
  static func type(_ shape: OptionShape) -> String {
    switch shape {
    case .scalar(let name, _, _): name
    case .oneOf(let words): words.joined(separator: " or ")
    case .list(let element): "list of \(type(element))"
    case .map(let value): "map of \(type(value))"
    case .fields, .using: "map"
    case .expression: "expression"
    case .template: "value with ${ }"
    case .steps: "steps"
    case .either(let shapes): shapes.map(type).joined(separator: " or ")
    }
  }
}

extension Component.Role {
  /// The role as a heading.
  var title: String {
    switch self {
    case .source: "Sources"
    case .destination: "Destinations"
    case .step: "Steps"
    case .middleware: "Middleware"
    case .splitter: "Splitters"
    }
  }
}

extension Component {
  /// Where options of it may be written for several uses; nil where they may not.
  var sharing: String? {
    guard takesShared, let shared else { return nil }
    return "Options may stand under a name in `\(shared.table.rawValue)s: { NAME: { \(shared.kind): { … } } }`, and be "
      + "named here by `\(shared.key): NAME`"
  }

  /// How the component is written in a route.
  var usage: String {
    let options =
      switch shape {
      case .fields(let fields), .using(_, let fields):
        fields.filter(\.isRequired).isEmpty
          ? "{}"
          : "{ \(fields.filter(\.isRequired).map { "\($0.name): \($0.shape.exampleText)" }.joined(separator: ", ")) }"
      default: shape.exampleText
      }
    return switch role {
    case .source: "from: { \(name): \(options) }"
    case .destination: "- to: { \(name): \(options) }"
    case .step: "- \(name): \(options)"
    case .splitter: "- split: { \(name): \(options), steps: [] }"
    case .middleware: "middleware: [ { \(name): \(options) } ]"
    }
  }
}
