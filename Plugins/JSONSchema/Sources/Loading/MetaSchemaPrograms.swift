import Omnibus

/// The programs that schemas themselves are checked by.
enum MetaSchemaPrograms {
  private static let draft7 = make(.draft7)
  private static let draft202012 = make(.draft202012)

  /// That of a dialect's meta-schema; for one of somebody's own it is made of `library`.
  static func program(for dialect: Dialect, _ library: SchemaLibrary) -> SchemaProgram? {
    if dialect.metaSchema == Draft.draft7.metaSchema { return draft7 }
    if dialect.metaSchema == Draft.draft202012.metaSchema { return draft202012 }
    guard let resource = library.resource(of: dialect.metaSchema) else { return nil }
    return SchemaCompiler(library, checksFormats: false)
      .compile(resource, name: dialect.metaSchema, showsAllNames: true)
  }

  private static func make(_ draft: Draft) -> SchemaProgram? {
    let library = SchemaLibrary(nil, draft: draft)
    guard let text = MetaSchemas.text(of: draft.metaSchema),
      let resource = library.add(
        Array(text.utf8), name: draft.metaSchema, retrieved: URIReference(draft.metaSchema))
    else { return nil }
    return SchemaCompiler(library, checksFormats: false)
      .compile(resource, name: draft.metaSchema, showsAllNames: true)
  }
}
