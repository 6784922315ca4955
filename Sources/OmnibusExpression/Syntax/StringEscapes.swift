/// The escapes of string and bytes literals (cel-spec, "String and Bytes Values").
enum StringEscapes {
  /// The UTF-8 of a string literal, or the octets of a bytes literal, whose content stands at `span`.
  static func decode(
    _ source: SourceText, _ span: Span, isBytes: Bool
  ) throws(ExpressionError.Problem) -> [UInt8] {
    let bytes = source.bytes
    var result: [UInt8] = []
    result.reserveCapacity(span.end - span.start)
    var place = span.start
    while place < span.end {
      guard bytes[place] == UInt8(ascii: "\\") else {
        result.append(bytes[place])
        place += 1
        continue
      }
      let start = place
      let mark = place + 1 < span.end ? bytes[place + 1] : 0
      place += 2
      if let plain = simple[mark] {
        result.append(plain)
        continue
      }
      guard let form = form(mark), !(isBytes && form.isUnicode),
        let value = number(bytes, form.isOctal ? place - 1 : place, form, limit: span.end)
      else {
        throw source.problem(
          "expression-syntax", "unknown or incomplete escape in a \(isBytes ? "bytes" : "string") literal",
          at: Span(start, min(place, span.end)),
          help: isBytes
            ? "write \\\\ for a backslash, \\xHH for an octet; \\u is for strings"
            : "write \\\\ for a backslash, \\n, \\t, \\\", \\', \\xHH, \\uHHHH, \\UHHHHHHHH or three octal digits")
      }
      place = (form.isOctal ? place - 1 : place) + form.digits
      if isBytes {
        result.append(UInt8(truncatingIfNeeded: value))
      } else {
        guard let scalar = Unicode.Scalar(value) else {
          throw source.problem("expression-syntax", "the escape is no Unicode scalar value", at: Span(start, place))
        }
        result.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
    return result
  }

  private struct Form {
    let digits: Int
    let radix: UInt32
    let isUnicode: Bool
    var isOctal: Bool { radix == 8 }
  }

  private static let simple: [UInt8: UInt8] = [
    0x61: 7, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9, 0x76: 11, 0x5C: 0x5C, 0x3F: 0x3F, 0x22: 0x22, 0x27: 0x27,
    0x60: 0x60,
  ]

  private static func form(_ mark: UInt8) -> Form? {
    switch mark {
    case UInt8(ascii: "x"), UInt8(ascii: "X"): Form(digits: 2, radix: 16, isUnicode: false)
    case UInt8(ascii: "u"): Form(digits: 4, radix: 16, isUnicode: true)
    case UInt8(ascii: "U"): Form(digits: 8, radix: 16, isUnicode: true)
    case UInt8(ascii: "0")...UInt8(ascii: "3"): Form(digits: 3, radix: 8, isUnicode: false)
    default: nil
    }
  }

  private static func number(_ bytes: [UInt8], _ start: Int, _ form: Form, limit: Int) -> UInt32? {
    guard start + form.digits <= limit else { return nil }
    var value: UInt32 = 0
    for place in start..<start + form.digits {
      guard let digit = Lexer.hexValue(bytes[place]), digit < form.radix else { return nil }
      value = value << (form.isOctal ? 3 : 4) | digit
    }
    return value
  }
}
