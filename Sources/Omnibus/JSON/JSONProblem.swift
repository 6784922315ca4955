/// Why a text is not JSON, and at which byte.
struct JSONProblem: Error {
  enum Reason {
    case expectedValue, expectedName, expectedColon, expectedCommaOrBracket, expectedCommaOrBrace, trailing
    case literal, number, leadingZero, escape, surrogate, control, unterminated, depth, utf8, size
  }

  let reason: Reason
  let offset: Int

  init(_ reason: Reason, at offset: Int) {
    self.reason = reason
    self.offset = offset
  }

  /// The failure, which says what stands at the place by its kind and never by its text.
  func failure(in text: UnsafeBufferPointer<UInt8>, limits: JSONLimits) -> Failure {
    if reason == .size {
      return Failure(.invalid, "the JSON text has \(text.count) bytes, and \(limits.bytes) are the limit")
    }
    if looksLikeUTF16(text) { return Failure(.invalid, "the text is UTF-16, and JSON is UTF-8 (RFC 8259, 8.1)") }
    let (line, column) = place(in: text)
    let place = "line \(line), column \(column)"
    let detail = detail(found: found(in: text), limits: limits)
    return Failure(.invalid, "not JSON: \(detail) at \(place)", problems: [Failure.Problem(detail, place: place)])
  }

  private func detail(found: String, limits: JSONLimits) -> String {
    switch reason {
    case .expectedValue: "expected a value, found \(found)"
    case .expectedName: "expected a name in double quotes, found \(found)"
    case .expectedColon: "expected \":\" after a name, found \(found)"
    case .expectedCommaOrBracket: "expected \",\" or \"]\", found \(found)"
    case .expectedCommaOrBrace: "expected \",\" or \"}\", found \(found)"
    case .trailing: "expected the end after the value, found \(found)"
    case .literal: "expected true, false or null, found another word"
    case .number: "expected a digit, found \(found)"
    case .leadingZero: "a number starts with a zero that stands before another digit"
    case .escape: "an escape that JSON does not have"
    case .surrogate: "an escape for half of a surrogate pair"
    case .control: "a control character within a string, which has to be escaped"
    case .unterminated: "a string that does not end"
    case .depth: "nested deeper than \(limits.depth) levels"
    case .utf8: "bytes that are not UTF-8"
    case .size: "too large"
    }
  }

  private func found(in text: UnsafeBufferPointer<UInt8>) -> String {
    guard offset < text.count else { return "the end of the text" }
    switch text[offset] {
    case UInt8(ascii: "\""): return "a string"
    case UInt8(ascii: "'"): return "a single quote"
    case UInt8(ascii: "0")...UInt8(ascii: "9"): return "a digit"
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): return "a letter"
    case let byte where ",:[]{}".utf8.contains(byte): return "\"\(Character(Unicode.Scalar(byte)))\""
    case 0..<0x20, 0x7F: return "a control character"
    default: return "another character"
    }
  }

  /// Line and column, from 1, the column in characters (Unicode scalars).
  private func place(in text: UnsafeBufferPointer<UInt8>) -> (line: Int, column: Int) {
    var line = 1
    var column = 1
    for byte in text.prefix(offset) {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return (line, column)
  }

  private func looksLikeUTF16(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= 2 else { return false }
    return (text[0] ^ text[1]) == 0x01 && text[0] >= 0xFE || (text[0] == 0) != (text[1] == 0)
  }
}
