internal import Omnibus

/// Writes tables of values (AMQP 0-9-1, 4.2.5.5, with the types of rabbitmq.com, "AMQP 0-9-1 Errata").
struct FieldWriter {
  static let maxDepth = 16
  /// What a table may take, so that it fits a frame with the rest.
  static let maxBytes = 32 << 10

  private var depth = 0

  /// Appends a table with the entries.
  mutating func table(_ entries: [(String, Value)], to bytes: inout [UInt8]) throws(Failure) {
    let start = try begin(&bytes)
    for (name, value) in entries { try entry(name, value, to: &bytes) }
    try end(start, &bytes)
  }

  private mutating func entry(_ name: String, _ value: Value, to bytes: inout [UInt8]) throws(Failure) {
    var name = name
    let isShort = name.withUTF8 { text in
      guard text.count <= 255 else { return false }
      bytes.append(UInt8(text.count))
      bytes.append(contentsOf: text)
      return true
    }
    guard isShort else { throw Failure(.invalid, "a header's name has more than 255 bytes") }
    try field(value, to: &bytes)
  }

  private mutating func field(_ value: Value, to bytes: inout [UInt8]) throws(Failure) {
    switch value.resolved {
    case .null, .optional(nil): bytes.append(UInt8(ascii: "V"))
    case .bool(let flag): bytes.append(contentsOf: [UInt8(ascii: "t"), flag ? 1 : 0])
    case .int(let number): whole(number, to: &bytes)
    case .uint(let number):
      guard let number = Int64(exactly: number) else {
        throw Failure(.invalid, "a header is a whole number of more than 63 bits")
      }
      whole(number, to: &bytes)
    case .double(let number):
      bytes.append(UInt8(ascii: "d"))
      bytes.append(bigEndian: number.bitPattern)
    case .decimal(let decimal): self.decimal(decimal.text, to: &bytes)
    case .string(let string): text(string, to: &bytes)
    case .type(let name): text(name, to: &bytes)
    case .duration(let duration): text(duration.secondsText, to: &bytes)
    case .bytes(let content):
      bytes.append(UInt8(ascii: "x"))
      bytes.append(bigEndian: UInt32(truncatingIfNeeded: content.count))
      bytes.append(contentsOf: content)
    case .timestamp(let time):
      bytes.append(UInt8(ascii: "T"))
      bytes.append(bigEndian: UInt64(bitPattern: time.seconds))
    case .list(let elements): try list(elements, to: &bytes)
    case .map(let map): try self.map(map, to: &bytes)
    case .optional(let inner?): try field(inner, to: &bytes)
    case .json(let node): try json(node, to: &bytes)
    }
    guard bytes.count <= Self.maxBytes * 2 else { throw Self.tooLarge }
  }

  private func whole(_ number: Int64, to bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: "l"))
    bytes.append(bigEndian: number)
  }

  /// A number of up to nine digits and a power of ten where it is one, else its text: nothing is rounded.
  private func decimal(_ number: String, to bytes: inout [UInt8]) {
    let parts = number.split(separator: ".", maxSplits: 1)
    let scale = parts.count > 1 ? parts[1].count : 0
    guard let digits = Int32(parts.joined()), scale <= 255 else { return text(number, to: &bytes) }
    bytes.append(contentsOf: [UInt8(ascii: "D"), UInt8(scale)])
    bytes.append(bigEndian: digits)
  }

  private func text(_ text: String, to bytes: inout [UInt8]) {
    var text = text
    bytes.append(UInt8(ascii: "S"))
    text.withUTF8 { text in
      bytes.append(bigEndian: UInt32(truncatingIfNeeded: text.count))
      bytes.append(contentsOf: text)
    }
  }

  private mutating func list(_ elements: some Sequence<Value>, to bytes: inout [UInt8]) throws(Failure) {
    bytes.append(UInt8(ascii: "A"))
    let start = try begin(&bytes)
    for element in elements { try field(element, to: &bytes) }
    try end(start, &bytes)
  }

  private mutating func map(_ map: ValueMap, to bytes: inout [UInt8]) throws(Failure) {
    bytes.append(UInt8(ascii: "F"))
    let start = try begin(&bytes)
    for (key, value) in map.entries {
      let name: String
      switch key {
      case .string(let text): name = text
      case .int(let number): name = String(number)
      case .uint(let number): name = String(number)
      case .bool(let flag): name = String(flag)
      default: throw Failure(.invalid, "a header is a map with a key that is no text")
      }
      try entry(name, value, to: &bytes)
    }
    try end(start, &bytes)
  }

  /// A list or an object of a JSON text: scalars were resolved.
  private mutating func json(_ node: JSONNode, to bytes: inout [UInt8]) throws(Failure) {
    guard node.kind == .object else {
      return try list(JSONElements(of: node).map(Value.json), to: &bytes)
    }
    var members: [(String, JSONNode)] = []
    node.forEachMember { members.append(($0, $1)) }
    bytes.append(UInt8(ascii: "F"))
    let start = try begin(&bytes)
    for (name, value) in members { try entry(name, .json(value), to: &bytes) }
    try end(start, &bytes)
  }

  private mutating func begin(_ bytes: inout [UInt8]) throws(Failure) -> Int {
    depth += 1
    guard depth <= Self.maxDepth else {
      throw Failure(.invalid, "the headers are deeper than \(Self.maxDepth) levels")
    }
    bytes.append(contentsOf: [0, 0, 0, 0])
    return bytes.count
  }

  private mutating func end(_ start: Int, _ bytes: inout [UInt8]) throws(Failure) {
    depth -= 1
    let size = bytes.count - start
    guard size <= Self.maxBytes else { throw Self.tooLarge }
    let length = UInt32(size)
    for place in 0..<4 { bytes[start - 4 + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(place))) }
  }

  private static var tooLarge: Failure { Failure(.invalid, "the headers have more than \(maxBytes) bytes") }
}
