import Omnibus

/// Loads and compiles a schema, with all that it refers to, and holds each of the files against its meta-schema.
final class SchemaLoader {
  private let options: ValidateJSONOptions
  private let library: SchemaLibrary
  private(set) var problems: [Diagnostic] = []

  init(_ options: ValidateJSONOptions, _ context: Context) {
    self.options = options
    library = SchemaLibrary(
      SchemaFiles(context, schema: options.schema, documents: options.documents), draft: options.draft)
  }

  /// The program; nil where there are problems.
  func load(at place: Location, _ subject: String) -> SchemaProgram? {
    guard let resource = library.load(file: options.schema, at: place, subject) else {
      problems = library.problems
      return nil
    }
    let compiler = SchemaCompiler(library, checksFormats: options.checkFormats)
    let program = compiler.compile(resource, name: options.schema, showsAllNames: options.showAllNames)
    problems = library.problems + compiler.problems
    // A schema that has been loaded may be written in another draft than the one that refers to it.
    for resource in library.resources where resource.root == 0 {
      check(SchemaPlace(document: resource.document.number, index: 0), resource)
    }
    for (place, resource) in compiler.unchecked { check(place, library.resources[resource]) }
    var seen: Set<Diagnostic> = []
    problems = problems.filter { seen.insert($0).inserted }
    return problems.isEmpty ? program : nil
  }

  /// Reports what the meta-schema says of a schema.
  private func check(_ place: SchemaPlace, _ resource: SchemaResource) {
    let document = resource.document
    guard MetaSchemas.text(of: document.retrieved.document) == nil,
      let meta = MetaSchemaPrograms.program(for: resource.dialect, library)
    else { return }
    let found = meta.check(document.text, root: place.index).problems
    for problem in found {
      let violation = Violation(problem, of: meta)
      let pointer = JSONPointer(to: problem.index, in: document.view, from: 0) { _ in true }
      let name = pointer.tokens.last.map { "\"\($0)\": " } ?? ""
      problems.append(
        Diagnostic(
          "invalid-schema", at: document.location(of: problem.index), "\(name)\(violation.expected)",
          help: help(pointer.tokens.last ?? "", document, problem.index, resource.dialect.draft)))
    }
  }

  /// What to write instead, where a keyword of a schema is written as other drafts or many people have it.
  private func help(_ keyword: String, _ document: SchemaDocument, _ index: Int, _ draft: Draft) -> String? {
    switch keyword {
    case "type" where document.isString(index):
      let word = document.view.string(index)
      let nearest = NearestName.of(word, among: SchemaNode.Types.words)
      return (nearest.map { "did you mean \"\($0)\"? " } ?? "")
        + "it takes one of \(SchemaNode.Types.words.joined(separator: ", ")), or a list of them"
    case "items" where draft == .draft202012 && document.view.rawKind(index) == 7:
      return "write prefixItems for a list of schemas, or say by $schema or the option draft that the file is older"
    case "exclusiveMinimum" where document.isBoolean(index), "exclusiveMaximum" where document.isBoolean(index):
      return "write the bound itself under it, as all drafts do since 6"
    case "required" where !document.isNumber(index): return "write a list of the names of members that must be there"
    default: return nil
    }
  }
}
