internal import Omnibus

/// Reads what a `RecordWriter` wrote, out of bytes that may be anything: each read beyond their end is a failure.
struct RecordReader {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes.bindMemory(to: UInt8.self) }

  /// What every damaged record is refused with.
  static var damaged: Failure { Failure(.internal, "a record in the store is damaged") }

  mutating func byte() throws(Failure) -> UInt8 {
    guard place < bytes.count else { throw Self.damaged }
    defer { place += 1 }
    return bytes[place]
  }

  mutating func number() throws(Failure) -> Int {
    var result: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 7) {
      let byte = try byte()
      result |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return Int(Int64(bitPattern: result)) }
    }
    throw Self.damaged
  }

  /// A number of things of which each has at least one byte.
  mutating func count() throws(Failure) -> Int {
    let count = try number()
    guard count >= 0, count <= bytes.count - place else { throw Self.damaged }
    return count
  }

  mutating func double() throws(Failure) -> Double {
    var bits: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bits |= UInt64(try byte()) << shift }
    return Double(bitPattern: bits)
  }

  mutating func slice() throws(Failure) -> UnsafeBufferPointer<UInt8> {
    let count = try count()
    defer { place += count }
    return UnsafeBufferPointer(rebasing: bytes[place..<place + count])
  }

  mutating func text() throws(Failure) -> String { String(decoding: try slice(), as: UTF8.self) }

  mutating func optionalText() throws(Failure) -> String? { try byte() == 0 ? nil : try text() }

  /// All that is left.
  mutating func rest() -> [UInt8] {
    defer { place = bytes.count }
    return Array(bytes[place...])
  }

  /// Fails where something is left.
  func end() throws(Failure) { guard place == bytes.count else { throw Self.damaged } }
}
