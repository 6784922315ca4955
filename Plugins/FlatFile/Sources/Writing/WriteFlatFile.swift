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
    let type = layout.dialect.isFixedWidth ? "text/plain" : "text/csv"
    message.contentType = layout.encoding == .utf8 ? type : "\(type); charset=\(layout.encoding.rawValue)"
  }

  /// The file for a list of objects or one object.
  func write(_ root: Value) throws(Failure) -> [UInt8] {
    let records = root.elements ?? [root]
    let writer = RecordWriter(layout, lineEnding: lineEnding)
    var text: [UInt8] = []
    if layout.isTyped {
      for (place, record) in records.enumerated() {
        try writer.write(record, as: try type(of: record, number: place + 1), number: place + 1, into: &text)
      }
    } else {
      let columns = try layout.columns.isEmpty ? Self.columns(of: records) : layout.columns
      if layout.dialect.hasHeader, !columns.isEmpty { try writer.writeHeader(columns, into: &text) }
      let type = RecordType(name: "", columns: columns)
      for (place, record) in records.enumerated() {
        try writer.write(record, as: type, number: place + 1, into: &text)
      }
    }
    return try layout.encoding == .utf8 ? text : layout.encoding.encode(text)
  }

  /// The type that a record says it is of.
  private func type(of record: Value, number: Int) throws(Failure) -> RecordType {
    guard let member = layout.typeMember else { return layout.types[0] }
    let name = record.member(member)?.string
    if name == nil, layout.types.count == 1 { return layout.types[0] }
    guard let type = layout.types.first(where: { $0.name == name }) else {
      let detail = "does not say which of the layout's types it is of"
      throw Failure(
        .invalid, "record \(number) \(detail), in the member \(member)",
        problems: [Failure.Problem(detail, place: member)])
    }
    return type
  }

  /// The columns that the members of the first record are. Fails where another record has more, which would be lost.
  private static func columns(of records: [Value]) throws(Failure) -> [Column] {
    guard let first = records.first else { return [] }
    guard first.isMap else { throw Failure(.invalid, "the body is \(first.kindName), expected a list of objects") }
    let names = first.memberNames
    let known = Set(names)
    if let place = records.firstIndex(where: { !$0.memberNames.allSatisfy(known.contains) }) {
      let detail = "has a member that the first record does not have, whose members are the columns"
      throw Failure(.invalid, "record \(place + 1) \(detail)", problems: [Failure.Problem(detail)])
    }
    return placed(names.map { Column(named: $0) })
  }

  /// The columns one behind the other.
  private static func placed(_ columns: [Column]) -> [Column] {
    columns.enumerated().map { place, column in
      var column = column
      column.slot.start = place
      return column
    }
  }
}

extension Value {
  /// The elements of a list, of whichever form.
  var elements: [Value]? {
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

  /// The names of the members of a map, of whichever form; none of what is no map.
  fileprivate var memberNames: [String] {
    var names: [String] = []
    switch self {
    case .map(let map): names = map.entries.compactMap(\.key.string)
    case .json(let node) where node.kind == .object: node.forEachMember { name, _ in names.append(name) }
    default: break
    }
    return names
  }

  /// Whether it is a map, of whichever form.
  var isMap: Bool {
    switch self {
    case .map: true
    case .json(let node): node.kind == .object
    default: false
    }
  }
}
