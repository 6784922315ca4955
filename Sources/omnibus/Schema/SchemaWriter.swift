internal import Omnibus
internal import OmnibusEngine

/// Makes JSON Schemas (2020-12) of what can be configured, for editors. Nothing is refused that the engine would take; what
/// only the engine can judge (whether an expression compiles, whether a connection is there) is taken.
struct SchemaWriter {
  let catalog: Catalog

  /// What can be written for `shape`.
  func schema(_ shape: OptionShape) -> JSONSchema {
    switch shape {
    case .scalar(let name, let example, let form): form.schema(name: name, example: example)
    case .oneOf(let words): .oneOf(words)
    case .list(let element): .list(schema(element))
    case .map(let value): .map(schema(value))
    case .fields(let fields): schema(fields)
    case .using(let role, let fields) where fields.isEmpty: .one(of: uses(role))
    case .using(let role, let fields): schema(fields, beside: uses(role))
    case .expression(let result, _): .expression(result)
    case .template: JSONSchema().described("a value, with ${ expression } in its strings")
    case .steps: .definition("steps")
    case .either(let shapes): .any(shapes.map(schema))
    }
  }

  /// A map of options, beside `others`.
  func schema(
    _ fields: [OptionField], beside others: [(name: String, schema: JSONSchema)] = []
  ) -> JSONSchema {
    let required = fields.filter(\.isRequired).map(\.name)
    let object = JSONSchema.object(fields.map { ($0.name, schema($0)) } + others, required: required)
    return required.isEmpty ? object.orNull : object
  }

  /// The value of one option, with what editors show of it.
  func schema(_ field: OptionField) -> JSONSchema {
    var schema = schema(field.shape)
    if let bounds = field.bounds { schema = schema.within(bounds) }
    schema["description"] = .string(field.help + (field.rangeText.map { " (\($0))" } ?? ""))
    if let text = field.defaultText, !field.isRequired, !field.isDefaultProse {
      schema["default"] = field.shape.writtenDefault(text)
    }
    return schema
  }

  /// The schema of `omnibus.yaml` and of the files of its profiles.
  func configurationFile() -> JSONSchema { document(schema(EngineOptions.shape), title: "Omnibus configuration") }

  /// A file that matches `schema`; keys that begin with `x-` are a place for anchors.
  func document(_ schema: JSONSchema, title: String) -> JSONSchema {
    var document = JSONSchema([
      "$schema": "https://json-schema.org/draft/2020-12/schema", "title": .string(title),
      "patternProperties": JSONSchema(["^x-": JSONSchema().value]).value,
    ])
    for (key, value) in schema.keywords.entries { document[key.string ?? ""] = value }
    return document
  }

  /// The components that can stand in `role`, by name.
  func uses(_ role: Component.Role) -> [(name: String, schema: JSONSchema)] {
    catalog.names(role).map { ($0, .definition("\(role.rawValue).\($0)")) }
  }
}

extension OptionShape {
  /// A default as editors insert it; nil where it has no scalar.
  fileprivate func writtenDefault(_ text: String) -> Value? {
    switch self {
    case .scalar(_, _, .wholeNumber): Int64(text).map(Value.int)
    case .scalar(_, _, .number): Double(text).map(Value.double)
    case .oneOf(["true", "false"]): .bool(text == "true")
    case .scalar, .oneOf, .either: .string(text)
    case .list, .map, .fields, .using, .expression, .template, .steps: nil
    }
  }
}
