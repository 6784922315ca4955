import Omnibus

/// A character that tells fields apart: one byte that is no line break, letter, digit or backslash.
enum DialectCharacter {
  static func byte(_ text: String) -> UInt8? {
    guard text.utf8.count == 1, let byte = text.utf8.first else { return nil }
    return byte < 0x80 && byte != 0 ? byte : nil
  }

  static func problem(_ text: String) -> String? {
    guard let byte = byte(text) else { return "is not one ASCII character" }
    let character = Character(Unicode.Scalar(byte))
    return character.isNewline || character.isLetter || character.isNumber || character == "\\"
      ? "cannot be a letter, digit, line break or backslash" : nil
  }

  /// Reports a quote that is the delimiter as well.
  static func reportAlike(delimiter: String, quote: String, of node: Node, in scope: LoadScope) {
    guard delimiter == quote else { return }
    scope.report(
      "invalid-option", at: (node["quote"] ?? node).location, "\(scope.subject): quote is the delimiter as well")
  }
}
