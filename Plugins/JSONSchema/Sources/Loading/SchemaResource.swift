/// A schema with an identifier of its own, a whole document or a part of one (draft-bhutton-json-schema-01, 4.3.5).
struct SchemaResource {
  let document: SchemaDocument
  /// Its index on the tape of the document.
  let root: Int
  /// What references in it are relative to.
  let base: URIReference
  /// The same if only where the file lies counted, and no absolute identifier.
  let retrieved: URIReference
  let dialect: Dialect
  /// Places by the names that they are given.
  var anchors: [String: Int] = [:]
  /// The name of the anchor that `$recursiveAnchor` makes is empty.
  var dynamicAnchors: [String: Int] = [:]
}

/// A place in a schema document.
struct SchemaPlace: Hashable {
  /// The number of the document.
  let document: Int
  /// The index on its tape.
  let index: Int
}
