internal import Omnibus

/// What JSON of the admin API looks like, as a JSON Schema (2020-12).
struct AdminSchema: Sendable {
  private(set) var members: ValueMap

  private init(_ type: String) { members = ValueMap([("type", .string(type))]) }

  static let string = AdminSchema("string")
  static let boolean = AdminSchema("boolean")
  static let integer = AdminSchema("integer")
  static let number = AdminSchema("number")
  static let time = AdminSchema("string").with("format", "date-time")

  /// Whatever JSON there is.
  static let any: AdminSchema = {
    var schema = AdminSchema("object")
    schema.members = ValueMap()
    return schema
  }()

  static func words(_ words: [String]) -> AdminSchema {
    AdminSchema("string").with("enum", .list(words.map(Value.string)))
  }

  static func list(_ element: AdminSchema) -> AdminSchema { AdminSchema("array").with("items", element.value) }

  /// An object whose members are there unless they are named in `optional`.
  static func object(_ properties: [(String, AdminSchema)], optional: Set<String> = []) -> AdminSchema {
    let required = properties.map(\.0).filter { !optional.contains($0) }
    let schema = AdminSchema("object").with("properties", .map(ValueMap(properties.map { ($0.0, $0.1.value) })))
    return required.isEmpty ? schema : schema.with("required", .list(required.map(Value.string)))
  }

  /// An object that is sent, and holds nothing else than `fields`.
  static func object(_ fields: [AdminField]) -> AdminSchema {
    let optional = Set(fields.filter { !$0.isRequired }.map(\.name))
    return object(fields.map { ($0.name, $0.schema) }, optional: optional).with("additionalProperties", .bool(false))
  }

  func with(_ name: String, _ value: Value) -> AdminSchema {
    var schema = self
    schema.members[name] = value
    return schema
  }

  var value: Value { .map(members) }
}
