import Omnibus

/// Turns a list of objects, or one object, into the bytes of a flat file.
struct WriteFlatFile: Transformer {
  let layout: Layout
  let lineEnding: [UInt8]

  func transform(_ message: inout Message, _ context: Context) throws {
    try message.decodeBody(context.formats)
    guard case .document(let document) = message.body else {
      throw Failure(.invalid, "the body is not decoded, expected a list of objects")
    }
    message.body = .bytes(try write(document.root))
    message.contentType = "text/csv"
  }

  /// The file for a list of objects or one object.
  func write(_ root: Value) throws(Failure) -> [UInt8] {
    let records = root.elements ?? [root]
    let columns = try layout.columns.isEmpty ? Self.columns(of: records.first) : layout.columns
    let writer = RecordWriter(layout.dialect, columns, lineEnding: lineEnding)
    var bytes: [UInt8] = []
    if layout.dialect.hasHeader, !columns.isEmpty { try writer.writeHeader(into: &bytes) }
    for (place, record) in records.enumerated() {
      guard record.isMap else {
        throw Failure(.invalid, "record \(place + 1) is \(record.kindName), expected a map of column names to values")
      }
      try writer.write(record, number: place + 1, into: &bytes)
    }
    return bytes
  }

  private static func columns(of record: Value?) throws(Failure) -> [Column] {
    guard let record else { return [] }
    var names: [String] = []
    switch record {
    case .map(let map): names = map.entries.compactMap(\.key.string)
    case .json(let node) where node.kind == .object: node.forEachMember { name, _ in names.append(name) }
    default: throw Failure(.invalid, "the body is \(record.kindName), expected a list of objects")
    }
    return names.map { Column(name: $0, header: $0, content: .string, isRequired: false, isDeclared: false) }
  }
}

extension Value {
  /// The elements of a list, of whichever form.
  fileprivate var elements: [Value]? {
    switch self {
    case .list(let list): return list
    case .json(let node) where node.kind == .array:
      var list: [Value] = []
      list.reserveCapacity(node.count)
      node.forEachElement { list.append(.json($0)) }
      return list
    default: return nil
    }
  }

  fileprivate var isMap: Bool {
    switch self {
    case .map: true
    case .json(let node): node.kind == .object
    default: false
    }
  }
}
