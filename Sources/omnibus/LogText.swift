/// What goes into a log line as text, so that it stays one line and one field, and cannot drive the terminal.
enum LogText {
  /// The text with its control characters as escapes: `\n`, `\u{1b}`.
  static func line(_ text: String) -> String { escaped(text, quoted: false) }

  /// The text of a field; in quotes where it holds what would end it.
  static func value(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text.unicodeScalars.allSatisfy { !isControl($0) && !" =\"\\".unicodeScalars.contains($0) }
    return isPlain ? text : "\"\(escaped(text, quoted: true))\""
  }

  private static func escaped(_ text: String, quoted: Bool) -> String {
    guard text.unicodeScalars.contains(where: { isControl($0) || quoted && ($0 == "\"" || $0 == "\\") }) else {
      return text
    }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": result.append(contentsOf: "\\n".unicodeScalars)
      case "\r": result.append(contentsOf: "\\r".unicodeScalars)
      case "\t": result.append(contentsOf: "\\t".unicodeScalars)
      case "\"" where quoted, "\\" where quoted:
        result.append("\\")
        result.append(scalar)
      case _ where isControl(scalar):
        result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
      default: result.append(scalar)
      }
    }
    return String(result)
  }

  /// Whether it is of C0, delete, of C1, or one of the line breaks of Unicode.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029: true
    default: false
    }
  }
}
