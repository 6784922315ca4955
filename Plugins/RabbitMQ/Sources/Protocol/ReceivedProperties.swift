internal import Omnibus

/// The property list of a message that came in, read as far as it is asked for.
struct ReceivedProperties {
  /// The properties and those headers that are single values, by their names.
  private(set) var headers = Headers()
  /// All headers with their types, and what lies within them.
  private(set) var table = ValueMap()
  private(set) var replyTo: String?
  private(set) var correlationID: String?
  private(set) var messageID: String?

  /// Reads the list; nil where it is none.
  init?(_ bytes: [UInt8]) {
    headers.reserveCapacity(fields: 8, bytes: bytes.count + 128)
    let isWhole = bytes.withUnsafeBytes { bytes in
      var reader = FieldReader(bytes)
      return read(&reader)
    }
    guard isWhole else { return nil }
  }

  /// Reads the properties in the order of the protocol, each where its flag is set.
  private mutating func read(_ reader: inout FieldReader) -> Bool {
    // The last bit says that more flags follow, which no property of this class needs.
    guard let flags = reader.number(UInt16.self), flags & 1 == 0 else { return false }
    func has(_ bit: UInt16) -> Bool { flags & (1 << bit) != 0 }
    if has(15) { guard text("content-type", &reader) else { return false } }
    if has(14) { guard text("content-encoding", &reader) else { return false } }
    if has(13) {
      guard let map = reader.map() else { return false }
      table = map
    }
    if has(12) { guard reader.number(UInt8.self) != nil else { return false } }
    if has(11) {
      guard let priority = reader.number(UInt8.self) else { return false }
      headers.append("priority", String(priority))
    }
    if has(10) {
      guard let bytes = reader.shortText() else { return false }
      correlationID = kept("correlation-id", bytes)
    }
    if has(9) {
      guard let bytes = reader.shortText() else { return false }
      replyTo = kept("reply-to", bytes)
    }
    if has(8) { guard text("expiration", &reader) else { return false } }
    if has(7) {
      guard let bytes = reader.shortText() else { return false }
      messageID = kept("message-id", bytes)
    }
    if has(6) {
      guard let seconds = reader.number(UInt64.self) else { return false }
      headers.append("timestamp", FieldReader.time(seconds).headerText ?? "")
    }
    if has(5) { guard text("type", &reader) else { return false } }
    if has(4) { guard text("user-id", &reader) else { return false } }
    if has(3) { guard text("app-id", &reader) else { return false } }
    if has(2) { guard reader.shortText() != nil else { return false } }
    appendTable()
    return true
  }

  private mutating func text(_ name: StaticString, _ reader: inout FieldReader) -> Bool {
    guard let bytes = reader.shortText() else { return false }
    let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
    headers.append(name: name, value: bytes.bindMemory(to: UInt8.self))
    return true
  }

  private mutating func kept(_ name: String, _ bytes: UnsafeRawBufferPointer) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    headers.append(name, text)
    return text
  }

  /// A header of the sender's does not pass for a property, and its name is one that can be written in a line.
  private mutating func appendTable() {
    for (key, value) in table.entries {
      guard let name = key.string, !name.isEmpty, name.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }),
        let text = value.headerText,
        !MessageProperties.names.contains(where: { $0 == name.lowercased() })
      else { continue }
      headers.append(name, text)
    }
  }
}

extension Value {
  /// The value as a header has it; nil for what is no single value.
  var headerText: String? {
    switch self {
    case .bool(let flag): flag ? "true" : "false"
    case .int(let number): String(number)
    case .uint(let number): String(number)
    case .double(let number): "\(number)"
    case .decimal(let decimal): decimal.text
    case .string(let text): text
    case .timestamp(let time): time.text
    case .null, .bytes, .list, .map, .duration, .type, .json, .optional: nil
    }
  }
}
