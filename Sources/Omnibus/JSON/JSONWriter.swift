/// Writes values as JSON.
enum JSONWriter {
  /// Values within each other; what steps build in a loop has an end, and so has the stack.
  static let depthLimit = 1_000

  static func write(_ value: Value, into out: inout [UInt8], depth: Int) throws(Failure) {
    switch value {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
    case .int(let value): out.append(contentsOf: String(value).utf8)
    case .uint(let value): out.append(contentsOf: String(value).utf8)
    case .decimal(let value): out.append(contentsOf: value.text.utf8)
    case .double(let value):
      guard value.isFinite else { throw Failure(.invalid, "a number that is not finite cannot be written as JSON") }
      out.append(contentsOf: value.description.utf8)
    case .string(let value): writeString(value, into: &out)
    case .bytes(let value): writeBase64(value, into: &out)
    case .timestamp(let value): writeString(value.text, into: &out)
    case .duration(let value): writeString(value.secondsText, into: &out)
    case .type: throw Failure(.invalid, "a type cannot be written as JSON")
    case .json(let node): node.withSource { out.append(contentsOf: $0) }
    case .optional(let value?): try write(value, into: &out, depth: depth)
    case .optional(nil): throw Failure(.invalid, "an absent value cannot be written as JSON")
    case .list(let list): try writeList(list, into: &out, depth: depth)
    case .map(let map): try writeMap(map, into: &out, depth: depth)
    case .optional(let value): try write(value ?? .null, into: &out, depth: depth + 1)
    }
  }

  private static func writeList(_ list: [Value], into out: inout [UInt8], depth: Int) throws(Failure) {
    try check(depth)
    out.append(UInt8(ascii: "["))
    var isFirst = true
    for element in list {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      try write(element, into: &out, depth: depth + 1)
    }
    out.append(UInt8(ascii: "]"))
  }

  private static func writeMap(_ map: ValueMap, into out: inout [UInt8], depth: Int) throws(Failure) {
    try check(depth)
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    for (key, value) in map.entries {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      try writeKey(key, into: &out)
      out.append(UInt8(ascii: ":"))
      try write(value, into: &out, depth: depth + 1)
    }
    out.append(UInt8(ascii: "}"))
  }

  private static func check(_ depth: Int) throws(Failure) {
    guard depth < depthLimit else { throw Failure(.invalid, "a value is nested deeper than \(depthLimit) levels") }
  }

  private static func writeKey(_ key: Value, into out: inout [UInt8]) throws(Failure) {
    switch key {
    case .string(let name): writeString(name, into: &out)
    case .int(let number): writeString(String(number), into: &out)
    case .uint(let number): writeString(String(number), into: &out)
    case .bool(let flag): writeString(flag ? "true" : "false", into: &out)
    default: throw Failure(.invalid, "\(key.kindName) cannot be a key in JSON")
    }
  }

  // MARK: strings

  static func writeString(_ string: String, into out: inout [UInt8]) {
    var string = string
    out.append(UInt8(ascii: "\""))
    string.withUTF8 { writeEscaped($0, into: &out) }
    out.append(UInt8(ascii: "\""))
  }

  /// Appends text for between two quotes: quotes, backslashes and control characters escaped (RFC 8259, 7).
  static func writeEscaped(_ text: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
    var start = 0
    for place in text.indices {
      let byte = text[place]
      guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
      out.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<place]))
      JSONEscapes.encode(byte) { out.append($0) }
      start = place + 1
    }
    out.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
  }

  private static func writeBase64(_ bytes: [UInt8], into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    Base64.encode(bytes, into: &out)
    out.append(UInt8(ascii: "\""))
  }
}
