import Omnibus

/// The programs that schemas themselves are checked by.
enum MetaSchemaPrograms {
  private static let draft7 = make(.draft7)
  private static let draft201909 = make(.draft201909)
  private static let draft202012 = make(.draft202012)

  /// That of a dialect's meta-schema; for one of somebody's own it is made of `library`.
  static func program(for dialect: Dialect, _ library: SchemaLibrary) -> SchemaProgram? {
    switch Draft.allCases.first(where: { $0.metaSchema == dialect.metaSchema }) {
    case .draft7: return draft7
    case .draft201909: return draft201909
    case .draft202012: return draft202012
    case nil: break
    }
    guard let resource = library.resource(of: dialect.metaSchema) else { return nil }
    return SchemaCompiler(library, checksFormats: false)
      .compile(resource, name: dialect.metaSchema, showsAllNames: true)
  }

  private static func make(_ draft: Draft) -> SchemaProgram? {
    let library = SchemaLibrary(nil, draft: draft)
    guard let text = MetaSchemas.text(of: draft.metaSchema),
      let resource = library.add(
        Array(text.utf8), name: draft.metaSchema, file: draft.metaSchema, retrieved: URIReference(draft.metaSchema))
    else { return nil }
    return SchemaCompiler(library, checksFormats: false)
      .compile(resource, name: draft.metaSchema, showsAllNames: true)
  }
}
