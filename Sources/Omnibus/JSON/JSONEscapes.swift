/// The escapes of JSON strings (RFC 8259, 7).
enum JSONEscapes {
  /// The string for the bytes between two quotes, known to hold only well-formed escapes and whole surrogate pairs.
  static func decode(_ raw: UnsafeBufferPointer<UInt8>) -> String {
    var units: [UInt8] = []
    units.reserveCapacity(raw.count)
    var place = 0
    while place < raw.count {
      let byte = raw[place]
      guard byte == UInt8(ascii: "\\") else {
        units.append(byte)
        place += 1
        continue
      }
      let escape = raw[place + 1]
      place += 2
      guard escape == UInt8(ascii: "u") else {
        units.append(simple(escape))
        continue
      }
      var scalar = hex(raw, place)
      place += 4
      if scalar & 0xFC00 == 0xD800, place + 6 <= raw.count, raw[place] == UInt8(ascii: "\\"),
        raw[place + 1] == UInt8(ascii: "u")
      {
        let low = hex(raw, place + 2)
        if low & 0xFC00 == 0xDC00 {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
          place += 6
        }
      }
      units.append(contentsOf: String(Unicode.Scalar(scalar) ?? "\u{FFFD}").utf8)
    }
    return String(decoding: units, as: UTF8.self)
  }

  /// Hands the escape for a quote, a backslash or a control character to `append`, byte by byte.
  @inline(__always)
  static func encode(_ byte: UInt8, _ append: (UInt8) -> Void) {
    append(UInt8(ascii: "\\"))
    switch byte {
    case 0x08: append(UInt8(ascii: "b"))
    case 0x0C: append(UInt8(ascii: "f"))
    case 0x0A: append(UInt8(ascii: "n"))
    case 0x0D: append(UInt8(ascii: "r"))
    case 0x09: append(UInt8(ascii: "t"))
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
    default:
      for digit in "u00".utf8 { append(digit) }
      append(hexDigit(byte >> 4))
      append(hexDigit(byte & 15))
    }
  }

  private static func simple(_ escape: UInt8) -> UInt8 {
    switch escape {
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    default: escape
    }
  }

  private static func hex(_ raw: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt32 {
    var value: UInt32 = 0
    for place in start..<start + 4 {
      let digit = raw[place]
      value = value << 4 | UInt32(digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : (digit | 0x20) - 87)
    }
    return value
  }
}
