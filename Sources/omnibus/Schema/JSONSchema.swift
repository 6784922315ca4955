internal import Omnibus

/// A JSON Schema (2020-12), put together from keywords.
struct JSONSchema {
  private(set) var keywords: ValueMap

  /// A schema with these keywords; an empty one takes everything.
  init(_ keywords: KeyValuePairs<String, Value> = [:]) { self.keywords = ValueMap(keywords.map { ($0.key, $0.value) }) }

  /// The schema as a value.
  var value: Value { .map(keywords) }

  /// The schema of that name among the definitions of the document.
  static func definition(_ name: String) -> JSONSchema { JSONSchema(["$ref": .string("#/$defs/\(name)")]) }

  /// Takes what any of `schemas` takes.
  static func any(_ schemas: [JSONSchema]) -> JSONSchema {
    schemas.count == 1 ? schemas[0] : JSONSchema(["anyOf": .list(schemas.map(\.value))])
  }

  /// A list of values that each match.
  static func list(_ element: JSONSchema) -> JSONSchema {
    JSONSchema(["type": "array", "items": element.value])
  }

  /// A map of any keys to values that each match.
  static func map(_ element: JSONSchema) -> JSONSchema {
    JSONSchema(["type": "object", "additionalProperties": element.value])
  }

  /// A map with these keys and no others.
  static func object(_ properties: [(name: String, schema: JSONSchema)], required: [String] = []) -> JSONSchema {
    var schema = JSONSchema([
      "type": "object", "properties": .map(ValueMap(properties.map { ($0.name, $0.schema.value) })),
      "additionalProperties": .bool(false),
    ])
    if !required.isEmpty { schema["required"] = .strings(required) }
    return schema
  }

  /// A map with exactly one of these keys.
  static func one(of properties: [(name: String, schema: JSONSchema)]) -> JSONSchema {
    var schema = object(properties)
    schema["minProperties"] = .int(1)
    schema["maxProperties"] = .int(1)
    return schema
  }

  /// The value of a keyword; setting nil removes it.
  subscript(_ keyword: String) -> Value? {
    get { keywords[keyword] }
    set { keywords[keyword] = newValue }
  }

  /// The schema with a text that editors show.
  func described(_ text: String) -> JSONSchema {
    var schema = self
    schema["description"] = .string(text)
    return schema
  }

  /// The schema, taking also a key without a value, as in `stop:`.
  var orNull: JSONSchema {
    guard let type = keywords["type"]?.string else { return self }
    var schema = self
    schema["type"] = .strings([type, "null"])
    return schema
  }
}

extension Value {
  /// A list of strings.
  static func strings(_ texts: some Sequence<String>) -> Value { .list(texts.map(Value.string)) }
}
