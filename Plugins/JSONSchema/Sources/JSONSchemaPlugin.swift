public import Omnibus

extension Plugin {
  /// Checks JSON against a schema.
  public static let jsonSchema = Plugin(name: "json_schema", version: "0.1.0", components: [])
}
