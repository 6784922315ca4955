import Omnibus

/// The schemas that one schema leads to, while it is loaded: their documents, identifiers and anchors, and all that is
/// wrong with them.
final class SchemaLibrary {
  /// Where files are read; nil for the meta-schemas, which name no others.
  private let files: SchemaFiles?
  /// What a document is written in that does not say.
  private let draft: Draft
  private(set) var documents: [SchemaDocument] = []
  private(set) var resources: [SchemaResource] = []
  private var resourceOfURI: [String: Int] = [:]
  private var resourceOfRoot: [SchemaPlace: Int] = [:]
  private var documentOfURI: [String: Int] = [:]
  /// Where schemas stand that keywords lead to.
  private var known: Set<SchemaPlace> = []
  private var dialects: [String: Dialect] = [:]
  private(set) var problems: [Diagnostic] = []

  static let maxDocuments = 1000

  init(_ files: SchemaFiles?, draft: Draft) {
    self.files = files
    self.draft = draft
    for draft in Draft.allCases { dialects[draft.metaSchema] = Dialect(draft) }
  }

  func report(_ code: String, _ document: SchemaDocument, _ index: Int, _ message: String, help: String? = nil) {
    problems.append(Diagnostic(code, at: document.location(of: index), message, help: help))
  }

  // MARK: documents

  /// The resource of the file at `path`, which the route names; nil after a report.
  func load(file path: String, at place: Location, _ subject: String) -> Int? {
    guard let files else { return nil }
    do throws(SchemaFiles.Refusal) {
      let bytes = try files.bytes(of: path)
      return add(bytes, name: path, file: files.place(of: path), retrieved: files.uri(of: path))
    } catch {
      problems.append(Diagnostic("unusable-file", at: place, "\(subject): \(error.message)", help: error.help))
      return nil
    }
  }

  /// Reads a document and all identifiers in it; nil after a report.
  func add(_ bytes: [UInt8], name: String, file: String, retrieved: URIReference) -> Int? {
    let text: JSONText
    do throws(Failure) {
      text = try JSONText.parse(bytes)
    } catch {
      problems.append(.notJSON(error, file))
      return nil
    }
    let document = SchemaDocument(number: documents.count, name: name, file: file, retrieved: retrieved, text: text)
    documents.append(document)
    documentOfURI[retrieved.document] = document.number
    guard let dialect = dialect(of: document, 0) ?? dialects[draft.metaSchema] else { return nil }
    let resource = addResource(document, 0, base: retrieved, retrieved: retrieved, dialect)
    if resourceOfURI[retrieved.document] == nil { resourceOfURI[retrieved.document] = resource }
    return resource
  }

  /// Where a document was loaded that is not known by its URI yet.
  private func fetch(_ uri: URIReference) throws(SchemaFiles.Refusal) -> Int? {
    if let resource = resourceOfURI[uri.document] { return resource }
    if let text = MetaSchemas.text(of: uri.document) {
      return add(
        Array(text.utf8), name: uri.document, file: uri.document, retrieved: URIReference(uri.document))
    }
    guard let files else { throw SchemaFiles.Refusal(message: "no schema is known as \"\(uri.document)\"") }
    let (path, bytes) = try files.read(uri)
    guard documents.count < Self.maxDocuments else {
      throw SchemaFiles.Refusal(message: "more than \(Self.maxDocuments) schemas are named")
    }
    // One file may have two URIs: that of the file, and one of `documents`.
    let file = files.uri(of: path)
    let resource =
      documentOfURI[file.document].flatMap { resourceOfRoot[SchemaPlace(document: $0, index: 0)] }
      ?? add(bytes, name: files.name(of: path), file: files.place(of: path), retrieved: uri)
    resourceOfURI[uri.document] = resource
    return resource
  }

  // MARK: identifiers

  private func addResource(
    _ document: SchemaDocument, _ index: Int, base: URIReference, retrieved: URIReference, _ dialect: Dialect
  ) -> Int {
    let number = resources.count
    var (base, retrieved) = (base, retrieved)
    if let id = identifier(document, index, dialect) {
      let reference = URIReference(id)
      base = base.resolving(reference)
      base.fragment = nil
      if !reference.isAbsolute { retrieved = retrieved.resolving(reference) }
      retrieved.fragment = nil
    }
    resources.append(
      SchemaResource(document: document, root: index, base: base, retrieved: retrieved, dialect: dialect))
    resourceOfRoot[SchemaPlace(document: document.number, index: index)] = number
    if let other = resourceOfURI[base.document],
      resources[other].document !== document || resources[other].root != index
    {
      if index != 0 || resources[other].document.retrieved.document == base.document {
        report("duplicate-schema-id", document, index, "another schema is known as \"\(base.document)\" already")
      }
    } else {
      resourceOfURI[base.document] = number
    }
    walk(document, index, number)
    return number
  }

  /// `$id` where it names a resource; nil where there is none, or only an anchor.
  private func identifier(_ document: SchemaDocument, _ index: Int, _ dialect: Dialect) -> String? {
    guard let id = document.text(of: "$id", in: index), !id.hasPrefix("#") else { return nil }
    // In draft 7, what stands beside $ref is not there (8.3).
    if dialect.draft == .draft7, document.member("$ref", of: index) != nil { return nil }
    return id
  }

  /// Notes identifiers and anchors of the schema at `index` and of all within it.
  private func walk(_ document: SchemaDocument, _ index: Int, _ resource: Int) {
    guard document.view.rawKind(index) == 8 || document.isBoolean(index) else { return }
    known.insert(SchemaPlace(document: document.number, index: index))
    guard document.view.rawKind(index) == 8 else { return }
    var resource = resource
    let outer = resources[resource]
    if outer.root != index, identifier(document, index, outer.dialect) != nil {
      let dialect = dialect(of: document, index) ?? outer.dialect
      if identifier(document, index, dialect) != nil {
        _ = addResource(document, index, base: outer.base, retrieved: outer.retrieved, dialect)
        return
      }
    }
    noteAnchors(document, index, &resource)
    let dialect = resources[resource].dialect
    document.forEachMember(of: index) { name, value in
      switch SubschemaKeyword.shape(of: name, dialect.draft) {
      case .schema: walk(document, value, resource)
      case .list: document.forEachElement(of: value) { walk(document, $0, resource) }
      case .map: document.forEachMember(of: value) { walk(document, $1, resource) }
      case .schemaOrList:
        if document.view.rawKind(value) == 7 {
          document.forEachElement(of: value) { walk(document, $0, resource) }
        } else {
          walk(document, value, resource)
        }
      case .mapOfSchemas:
        document.forEachMember(of: value) { if document.view.rawKind($1) != 7 { walk(document, $1, resource) } }
      case nil: break
      }
    }
  }

  private func noteAnchors(_ document: SchemaDocument, _ index: Int, _ resource: inout Int) {
    let dialect = resources[resource].dialect
    switch dialect.draft {
    case .draft7:
      guard document.member("$ref", of: index) == nil, let id = document.text(of: "$id", in: index),
        let hash = id.firstIndex(of: "#"), id.index(after: hash) != id.endIndex
      else { return }
      note(String(id[id.index(after: hash)...]), document, index, resource)
    case .draft201909, .draft202012:
      if let anchor = document.text(of: "$anchor", in: index) { note(anchor, document, index, resource) }
      if dialect.draft == .draft202012, let anchor = document.text(of: "$dynamicAnchor", in: index) {
        note(anchor, document, index, resource)
        resources[resource].dynamicAnchors[anchor] = index
      } else if dialect.draft == .draft201909, resources[resource].root == index,
        document.member("$recursiveAnchor", of: index).map(document.view.rawKind) == 2
      {
        resources[resource].dynamicAnchors[""] = index
      }
    }
  }

  private func note(_ anchor: String, _ document: SchemaDocument, _ index: Int, _ resource: Int) {
    if let other = resources[resource].anchors.updateValue(index, forKey: anchor), other != index {
      report("duplicate-schema-id", document, index, "this schema has an anchor \"\(anchor)\" already")
    }
  }

  // MARK: dialects

  /// What `$schema` of a resource says; nil where it is not there, or after a report.
  private func dialect(of document: SchemaDocument, _ index: Int) -> Dialect? {
    guard let name = document.text(of: "$schema", in: index) else { return nil }
    let uri = URIReference(name).document
    if let known = dialects[uri] { return known }
    guard let place = document.member("$schema", of: index) else { return nil }
    guard !uri.hasPrefix("http://json-schema.org/"), !uri.hasPrefix("https://json-schema.org/") else {
      report(
        "unknown-schema-version", document, place, "\"\(name)\" is no version of JSON Schema that is known here",
        help: "there are \(Draft.allCases.map { "\"\($0.metaSchema)\"" }.joined(separator: ", "))")
      return nil
    }
    do throws(SchemaFiles.Refusal) {
      guard let resource = try fetch(URIReference(uri)) else { return nil }
      return read(resources[resource], uri, document, place)
    } catch {
      report("unknown-schema-version", document, place, error.message, help: error.help)
      return nil
    }
  }

  /// The dialect that a meta-schema of somebody's own describes.
  private func read(_ meta: SchemaResource, _ uri: String, _ document: SchemaDocument, _ place: Int) -> Dialect {
    var dialect = Dialect(metaSchema: uri, in: meta.dialect)
    if let list = meta.document.member("$vocabulary", of: meta.root) {
      dialect.vocabularies = []
      meta.document.forEachMember(of: list) { name, required in
        if let vocabulary = Dialect.vocabulary(name) {
          dialect.vocabularies.formUnion(vocabulary)
        } else if meta.document.view.rawKind(required) == 2 {
          report("unknown-schema-version", document, place, "its meta-schema needs the vocabulary \"\(name)\"")
        }
      }
    }
    dialects[uri] = dialect
    return dialect
  }

  // MARK: references

  /// What a reference names.
  struct Target {
    let place: SchemaPlace
    let resource: Int
    /// The name of the dynamic anchor that it leads to, if it does.
    var dynamicAnchor: String?
    /// Whether a keyword of a schema leads there, too: then it was checked with that schema.
    let isKnown: Bool
  }

  /// The schema that `reference` in `resource` names.
  func resolve(_ reference: String, in resource: Int) throws(SchemaFiles.Refusal) -> Target {
    let (base, retrieved) = (resources[resource].base, resources[resource].retrieved)
    let written = URIReference(reference)
    let full = base.resolving(written)
    var target = full.document == base.document ? resource : resourceOfURI[full.document]
    if target == nil {
      do throws(SchemaFiles.Refusal) {
        target = try fetch(full)
      } catch {
        // A schema may have an identifier on the web and lie in a folder with those that it names.
        let beside = retrieved.resolving(written)
        guard !written.isAbsolute, full.scheme != "file", beside.scheme == "file" else { throw error }
        target = try fetch(beside)
        resourceOfURI[full.document] = target
      }
    }
    guard let target else { throw SchemaFiles.Refusal(message: "\"\(full.document)\" cannot be used") }
    return try find(full.fragment ?? "", in: target, full.document)
  }

  private func find(_ fragment: String, in resource: Int, _ uri: String) throws(SchemaFiles.Refusal) -> Target {
    let found = resources[resource]
    guard let fragment = URIReference.decode(fragment) else {
      throw SchemaFiles.Refusal(message: "the fragment \"\(fragment)\" is not well formed")
    }
    if fragment.isEmpty {
      var target = target(found.document, found.root, resource)
      if found.dynamicAnchors[""] == found.root { target.dynamicAnchor = "" }
      return target
    }
    if fragment.hasPrefix("/") { return try follow(fragment, in: resource) }
    guard let index = found.anchors[fragment] else {
      throw SchemaFiles.Refusal(
        message: "\(uri.hasPrefix("file:") ? found.document.name : "\"\(uri)\"") has no anchor \"\(fragment)\"",
        help: Self.help(NearestName.of(fragment, among: found.anchors.keys)))
    }
    var target = target(found.document, index, resource)
    if found.dynamicAnchors[fragment] == index { target.dynamicAnchor = fragment }
    return target
  }

  private static func help(_ nearest: String?) -> String? { nearest.map { "did you mean \"\($0)\"?" } }

  private func target(_ document: SchemaDocument, _ index: Int, _ resource: Int) -> Target {
    let place = SchemaPlace(document: document.number, index: index)
    return Target(place: place, resource: resource, isKnown: known.contains(place))
  }

  /// Follows a JSON pointer (RFC 6901) from the root of a resource.
  private func follow(_ pointer: String, in resource: Int) throws(SchemaFiles.Refusal) -> Target {
    let document = resources[resource].document
    var (index, resource) = (resources[resource].root, resource)
    for token in pointer.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let name = token.replacing("~1", with: "/").replacing("~0", with: "~")
      guard let next = document.child(String(name), of: index) else {
        var names: [String] = []
        document.forEachMember(of: index) { name, _ in names.append(name) }
        throw SchemaFiles.Refusal(
          message: "\(document.name) has nothing at \"\(pointer)\"",
          help: Self.help(NearestName.of(String(name), among: names)))
      }
      index = next
      resource = resourceOfRoot[SchemaPlace(document: document.number, index: index)] ?? resource
    }
    guard document.view.rawKind(index) == 8 || document.isBoolean(index) else {
      throw SchemaFiles.Refusal(message: "\(document.name) has no schema at \"\(pointer)\"")
    }
    return target(document, index, resource)
  }

  /// The resource that is known by a URI; nil where none is.
  func resource(of uri: String) -> Int? { resourceOfURI[uri] }

  /// The resource whose root stands at a place; nil where none does.
  func resource(at place: SchemaPlace) -> Int? { resourceOfRoot[place] }
}

extension Diagnostic {
  /// That a file which should hold a schema is no JSON.
  fileprivate static func notJSON(_ failure: Failure, _ file: String) -> Diagnostic {
    // `line 3, column 5`
    let place = failure.problems.first?.place?.split { !$0.isNumber }.compactMap { Int($0) } ?? []
    let location = Location(file: file, line: place.first ?? 1, column: place.last ?? 1)
    return Diagnostic("invalid-schema", at: location, "not JSON: \(failure.problems.first?.detail ?? failure.reason)")
  }
}
