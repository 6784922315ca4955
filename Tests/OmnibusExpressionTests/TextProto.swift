/// A message of protobuf in its text form, as the conformance suite is written: fields by name, in order.
enum TextProto {
  case scalar(String)
  case text([UInt8])
  case message([Field])

  /// A field of a message.
  struct Field {
    var name: String
    var value: TextProto
  }

  /// All values of a field.
  func all(_ wanted: String) -> [TextProto] {
    guard case .message(let fields) = self else { return [] }
    return fields.filter { $0.name == wanted }.map(\.value)
  }

  /// The first value of a field.
  func first(_ wanted: String) -> TextProto? { all(wanted).first }

  /// The text of a scalar or a string.
  var string: String? {
    switch self {
    case .scalar(let word): word
    case .text(let bytes): String(decoding: bytes, as: UTF8.self)
    case .message: nil
    }
  }

  var bytes: [UInt8]? { if case .text(let bytes) = self { bytes } else { nil } }

  /// Reads a file.
  static func parse(_ bytes: [UInt8]) -> TextProto {
    var reader = Reader(bytes: bytes)
    return .message(reader.message())
  }

  private struct Reader {
    let bytes: [UInt8]
    var place = 0

    mutating func message() -> [Field] {
      var fields: [Field] = []
      while true {
        skipSpace()
        guard let byte = peek, byte != UInt8(ascii: "}"), byte != UInt8(ascii: ">") else { return fields }
        let name = byte == UInt8(ascii: "[") ? bracketed() : word()
        if name.isEmpty { return fields }
        skipSpace()
        if peek == UInt8(ascii: ":") { place += 1 }
        skipSpace()
        if peek == UInt8(ascii: "["), !name.hasPrefix("[") {
          place += 1
          skipSpace()
          while let byte = peek, byte != UInt8(ascii: "]") {
            fields.append(Field(name: name, value: value()))
            skipSpace()
          }
          place += 1
        } else {
          fields.append(Field(name: name, value: value()))
        }
        skipSpace()
      }
    }

    private mutating func value() -> TextProto {
      skipSpace()
      switch peek {
      case UInt8(ascii: "{"), UInt8(ascii: "<"):
        place += 1
        let fields = message()
        place += 1
        return .message(fields)
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        var text: [UInt8] = []
        while let quote = peek, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
          text += string(quote)
          skipSpace()
        }
        return .text(text)
      default: return .scalar(word())
      }
    }

    private mutating func bracketed() -> String {
      let start = place
      while let byte = peek, byte != UInt8(ascii: "]") { place += 1 }
      place += 1
      return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func word() -> String {
      let start = place
      while let byte = peek, !" \n\t\r:{}<>[],;#\"'".utf8.contains(byte) { place += 1 }
      return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func string(_ quote: UInt8) -> [UInt8] {
      place += 1
      var text: [UInt8] = []
      while let byte = peek, byte != quote {
        place += 1
        guard byte == UInt8(ascii: "\\"), let escape = peek else {
          text.append(byte)
          continue
        }
        place += 1
        switch escape {
        case UInt8(ascii: "n"): text.append(10)
        case UInt8(ascii: "r"): text.append(13)
        case UInt8(ascii: "t"): text.append(9)
        case UInt8(ascii: "a"): text.append(7)
        case UInt8(ascii: "b"): text.append(8)
        case UInt8(ascii: "f"): text.append(12)
        case UInt8(ascii: "v"): text.append(11)
        case UInt8(ascii: "x"), UInt8(ascii: "X"): text.append(UInt8(truncatingIfNeeded: number(16, upTo: 2)))
        case UInt8(ascii: "u"): text += String(Unicode.Scalar(UInt32(number(16, upTo: 4))) ?? "?").utf8
        case UInt8(ascii: "U"): text += String(Unicode.Scalar(UInt32(number(16, upTo: 8))) ?? "?").utf8
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
          place -= 1
          text.append(UInt8(truncatingIfNeeded: number(8, upTo: 3)))
        default: text.append(escape)
        }
      }
      place += 1
      return text
    }

    private mutating func number(_ radix: Int, upTo digits: Int) -> Int {
      var value = 0
      for _ in 0..<digits {
        guard let byte = peek, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { break }
        value = value * radix + digit
        place += 1
      }
      return value
    }

    private var peek: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
      while let byte = peek {
        if " \n\t\r,;".utf8.contains(byte) {
          place += 1
        } else if byte == UInt8(ascii: "#") {
          while let byte = peek, byte != 10 { place += 1 }
        } else {
          return
        }
      }
    }
  }
}
