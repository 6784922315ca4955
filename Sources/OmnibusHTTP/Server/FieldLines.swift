/// Reads the field lines of a header or of trailers in place (RFC 9112, 5), strictly.
enum FieldLines {
  /// Where a field's name and value lie.
  struct Field {
    var nameStart: Int
    var nameEnd: Int
    var valueStart: Int
    var valueEnd: Int
  }

  enum Line {
    /// The bytes end before the line does.
    case incomplete
    case field(Field)
    /// The empty line after the last field.
    case end
  }

  /// Reads the line at `at`, and moves `at` behind it unless it is incomplete. The classes are arguments because a
  /// global is looked up at each use.
  @inline(__always)
  static func next(
    _ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, token: ByteClass
  ) throws(HTTPRefusal) -> Line {
    let start = at
    let count = bytes.count
    var place = start
    while place < count, token.contains(bytes[place]) { place += 1 }
    guard place < count else { return .incomplete }
    guard bytes[place] == 0x3A, place > start else {
      guard place == start, bytes[place] == 0x0D else { throw refusal(of: bytes[place], isFirst: place == start) }
      guard place + 1 < count else { return .incomplete }
      guard bytes[place + 1] == 0x0A else { throw .bareCarriageReturn }
      at = place + 2
      return .end
    }
    let nameEnd = place
    place += 1
    while place < count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
    let valueStart = place
    try skipValue(bytes, &place)
    guard place + 1 < count else { return .incomplete }
    guard bytes[place + 1] == 0x0A else { throw .bareCarriageReturn }
    at = place + 2
    while place > valueStart, bytes[place - 1] == 0x20 || bytes[place - 1] == 0x09 { place -= 1 }
    return .field(Field(nameStart: start, nameEnd: nameEnd, valueStart: valueStart, valueEnd: place))
  }

  /// Moves `place` to the CR that ends the value, or to the end of the bytes, eight bytes at a time.
  @inline(__always)
  private static func skipValue(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) throws(HTTPRefusal) {
    let raw = UnsafeRawBufferPointer(bytes)
    while true {
      while place + 8 <= raw.count {
        let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: place, as: UInt64.self))
        let deleted = word ^ 0x7F7F_7F7F_7F7F_7F7F
        let controls = (word &- 0x2020_2020_2020_2020) & ~word
        let found = (controls | ((deleted &- 0x0101_0101_0101_0101) & ~deleted)) & 0x8080_8080_8080_8080
        if found != 0 {
          place += found.trailingZeroBitCount / 8
          break
        }
        place += 8
      }
      while place < raw.count, raw[place] >= 0x20, raw[place] != 0x7F { place += 1 }
      guard place < raw.count, raw[place] != 0x0D else { return }
      guard raw[place] == 0x09 else {
        throw raw[place] == 0x0A ? .bareLineFeed : .malformed("a header value holds a control character")
      }
      place += 1
    }
  }

  private static func refusal(of byte: UInt8, isFirst: Bool) -> HTTPRefusal {
    switch byte {
    case 0x0A: .bareLineFeed
    case 0x0D: .malformed("a header line has no colon")
    case 0x20 where isFirst, 0x09 where isFirst: .malformed("a header line starts with white space")
    case 0x20, 0x09: .malformed("there is white space between a header name and its colon")
    case 0x3A: .malformed("a header line has no name")
    default: .malformed("a header name holds a character that is not allowed")
    }
  }
}
