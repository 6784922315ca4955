internal import Omnibus

/// Reads what the protocol encodes: property lists, tables, and every type of their fields. What does not keep to its
/// bounds is nil; nothing is read behind them.
struct FieldReader {
  static let maxDepth = 16
  /// How many fields there may be in all tables and lists together.
  static let maxFields = 2000

  private let bytes: UnsafeRawBufferPointer
  private var place = 0
  private var end: Int
  private var fields = 0

  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    end = bytes.count
  }

  mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
    let size = MemoryLayout<Number>.size
    guard end - place >= size else { return nil }
    defer { place += size }
    return Number(bigEndian: bytes.loadUnaligned(fromByteOffset: place, as: Number.self))
  }

  /// The bytes of a short string.
  mutating func shortText() -> UnsafeRawBufferPointer? { number(UInt8.self).flatMap { take(Int($0)) } }

  /// The bytes of a long string.
  mutating func longText() -> UnsafeRawBufferPointer? { number(UInt32.self).flatMap { take(Int($0)) } }

  private mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= end - place else { return nil }
    defer { place += count }
    return UnsafeRawBufferPointer(rebasing: bytes[place..<place + count])
  }

  /// Reads a table, entry by entry.
  mutating func table(
    depth: Int = 1, _ entry: (_ name: UnsafeRawBufferPointer, _ value: Value) -> Void
  ) -> Bool {
    within(depth) { reader in
      while reader.place < reader.end {
        guard let name = reader.shortText(), let value = reader.field(depth) else { return false }
        entry(name, value)
      }
      return true
    }
  }

  /// Reads what has a length in front of it.
  private mutating func within(_ depth: Int, _ body: (inout FieldReader) -> Bool) -> Bool {
    guard depth <= Self.maxDepth, let length = number(UInt32.self), Int(length) <= end - place else { return false }
    let outer = end
    end = place + Int(length)
    defer { end = outer }
    return body(&self) && place == end
  }

  private mutating func field(_ depth: Int) -> Value? {
    fields += 1
    guard fields <= Self.maxFields, let kind = number(UInt8.self) else { return nil }
    switch kind {
    case UInt8(ascii: "t"): return number(UInt8.self).map { .bool($0 != 0) }
    case UInt8(ascii: "b"): return number(Int8.self).map { .int(Int64($0)) }
    case UInt8(ascii: "B"): return number(UInt8.self).map { .int(Int64($0)) }
    case UInt8(ascii: "s"): return number(Int16.self).map { .int(Int64($0)) }
    case UInt8(ascii: "u"): return number(UInt16.self).map { .int(Int64($0)) }
    case UInt8(ascii: "I"): return number(Int32.self).map { .int(Int64($0)) }
    case UInt8(ascii: "i"): return number(UInt32.self).map { .int(Int64($0)) }
    case UInt8(ascii: "l"): return number(Int64.self).map(Value.int)
    case UInt8(ascii: "L"): return number(UInt64.self).map { Int64(exactly: $0).map(Value.int) ?? .uint($0) }
    case UInt8(ascii: "f"): return number(UInt32.self).map { .double(Double(Float(bitPattern: $0))) }
    case UInt8(ascii: "d"): return number(UInt64.self).map { .double(Double(bitPattern: $0)) }
    case UInt8(ascii: "D"): return decimal()
    case UInt8(ascii: "S"): return longText().map(Self.text)
    case UInt8(ascii: "x"): return longText().map { .bytes(Array($0)) }
    case UInt8(ascii: "T"): return number(UInt64.self).map(Self.time)
    case UInt8(ascii: "V"): return .null
    case UInt8(ascii: "F"): return map(depth + 1).map(Value.map)
    case UInt8(ascii: "A"): return list(depth + 1).map(Value.list)
    default: return nil
    }
  }

  private mutating func decimal() -> Value? {
    guard let scale = number(UInt8.self), let digits = number(Int32.self) else { return nil }
    return .decimal(ExactDecimal(coefficient: Int128(digits), exponent: -Int(scale)))
  }

  mutating func map(_ depth: Int = 1) -> ValueMap? {
    var map = ValueMap()
    let isWhole = table(depth: depth) { name, value in map[String(decoding: name, as: UTF8.self)] = value }
    return isWhole ? map : nil
  }

  private mutating func list(_ depth: Int) -> [Value]? {
    var list: [Value] = []
    let isWhole = within(depth) { reader in
      while reader.place < reader.end {
        guard let value = reader.field(depth) else { return false }
        list.append(value)
      }
      return true
    }
    return isWhole ? list : nil
  }

  /// Bytes as a text, where they are one: the protocol does not say of which encoding they are.
  private static func text(_ bytes: UnsafeRawBufferPointer) -> Value {
    String(validating: bytes, as: UTF8.self).map(Value.string) ?? .bytes(Array(bytes))
  }

  /// Seconds since 1970; what is beyond the year 9999 is a number, as some write milliseconds.
  static func time(_ seconds: UInt64) -> Value {
    guard seconds <= 253_402_300_799 else { return Int64(exactly: seconds).map(Value.int) ?? .uint(seconds) }
    return .timestamp(Timestamp(seconds: Int64(seconds), nanoseconds: 0))
  }
}
