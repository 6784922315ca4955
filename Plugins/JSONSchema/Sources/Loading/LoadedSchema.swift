import Omnibus

/// The options of `validate_json` with the schema that they name, compiled.
struct LoadedSchema: OptionValue {
  let program: SchemaProgram

  static var shape: OptionShape { ValidateJSONOptions.shape }

  /// Reads the options, the schema and all that it refers to, and reports all that is wrong with them.
  static func decode(_ node: Node, in scope: LoadScope) -> LoadedSchema? {
    guard let options = ValidateJSONOptions.decode(node, in: scope), let context = scope.context else { return nil }
    let place = (node["schema"] ?? node).location
    let loader = SchemaLoader(options, context)
    let program = loader.load(at: place, "\(scope.subject).schema")
    scope.report(loader.problems)
    return loader.problems.isEmpty ? program.map(LoadedSchema.init) : nil
  }
}
