/// The keywords under which schemas stand.
enum SubschemaKeyword {
  /// How they stand there.
  enum Shape {
    case schema, list, map, schemaOrList
    /// A map of schemas and of lists of names.
    case mapOfSchemas
  }

  /// That of a keyword; nil for those that hold no schemas.
  static func shape(of name: String, _ draft: Draft) -> Shape? {
    switch name {
    case "additionalProperties", "propertyNames", "contains", "not", "if", "then", "else": .schema
    case "items": draft == .draft202012 ? .schema : .schemaOrList
    case "allOf", "anyOf", "oneOf": .list
    case "properties", "patternProperties", "definitions", "$defs": .map
    case "dependencies": .mapOfSchemas
    case "additionalItems": draft == .draft202012 ? nil : .schema
    case "unevaluatedItems", "unevaluatedProperties", "contentSchema": draft == .draft7 ? nil : .schema
    case "prefixItems": draft == .draft202012 ? .list : nil
    case "dependentSchemas": draft == .draft7 ? nil : .map
    default: nil
    }
  }
}
