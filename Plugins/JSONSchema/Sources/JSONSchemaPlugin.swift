public import Omnibus

extension Plugin {
  /// Checks JSON against a schema: the step `validate_json`.
  public static let jsonSchema = Plugin(
    name: "json_schema", version: "0.1.0",
    components: [
      .transformer(
        "validate_json", "Fails a message whose body is no JSON, or not as a JSON Schema says.", LoadedSchema.self
      ) { schema, _ in ValidateJSON(schema) }
    ])
}
