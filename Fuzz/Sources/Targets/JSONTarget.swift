import Omnibus

extension FuzzTarget {
  /// A text, and before it, where there is a zero byte, a path in it. What is written of a text must read as the same,
  /// written from its bytes, from its values, and by the builder.
  static let json = FuzzTarget(name: "json") { bytes in
    let (path, text) = bytes.contains(0) ? bytes.halves : ([], bytes)
    guard let parsed = try? JSONText.parse(text) else { return }
    let compact = try copy(parsed.root).jsonBytes()
    try hold(try copy(JSONText.parse(compact).root).jsonBytes() == compact, "what is written reads differently")
    var builder = JSONTextBuilder()
    build(parsed.root, &builder)
    guard let built = builder.finish() else { throw Broken(description: "the builder made nothing") }
    let builtBytes = built.withBytes { Array($0) }
    try hold(builtBytes == compact, "the builder writes differently")
    try hold(try copy(built.root).jsonBytes() == compact, "the builder's index is another")
    try edit(parsed, String(decoding: path, as: UTF8.self))
  }

  private static func edit(_ text: JSONText, _ path: String) throws {
    guard let path = try? JSONPath(parsing: path) else { return }
    try hold(try JSONPath(parsing: path.description) == path, "a path reads differently")
    var document = JSONDocument(.json(text.root))
    guard (try? document.set(path, to: .string("fuzz"))) != nil else { return }
    try hold(document.root.at(path)?.string == "fuzz", "what was set is not there")
    _ = try JSONText.parse(try document.serialize(), limits: JSONLimits(depth: 1000))
    document.remove(path)
    _ = try? JSONText.parse(try document.serialize(), limits: JSONLimits(depth: 1000))
  }

  /// The value with nothing left in the text.
  private static func copy(_ node: JSONNode) -> Value {
    switch node.kind {
    case .array:
      var list: [Value] = []
      node.forEachElement { list.append(copy($0)) }
      return .list(list)
    case .object:
      var map = ValueMap()
      node.forEachMember { map.append(uniqueKey: .string($0), copy($1)) }
      return .map(map)
    default: return node.scalar ?? .null
    }
  }

  private static func build(_ node: JSONNode, _ builder: inout JSONTextBuilder) {
    switch node.kind {
    case .null: builder.null()
    case .true: builder.bool(true)
    case .false: builder.bool(false)
    case .integer, .decimal:
      // As a value says it: minus zero is zero.
      let text = (try? (node.scalar ?? .null).jsonBytes()) ?? []
      text.withUnsafeBufferPointer { builder.number($0, isInteger: node.kind == .integer) }
    case .string:
      var text = node.string ?? ""
      text.withUTF8 { builder.string($0) }
    case .array:
      builder.beginArray()
      node.forEachElement { build($0, &builder) }
      builder.endArray()
    case .object:
      builder.beginObject()
      node.forEachMember {
        builder.name(JSONName($0))
        build($1, &builder)
      }
      builder.endObject()
    }
  }
}
