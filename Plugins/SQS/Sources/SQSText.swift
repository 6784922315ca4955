internal import Omnibus

/// What a message of SQS can hold, a text of 1 character at least (Amazon SQS API Reference, SendMessage), and how other
/// bodies go: as base64, which the attribute `content-transfer-encoding` says, or as a space with `content-length` 0.
enum SQSText {
  static let encoding = "content-transfer-encoding"
  static let length = "content-length"

  /// The text for a body, with the attribute that says what it is.
  static func encode(_ bytes: [UInt8]) -> (text: String, attribute: (name: String, value: String)?) {
    if bytes.isEmpty { return (" ", (length, "0")) }
    if let text = String(validating: bytes, as: UTF8.self), text.unicodeScalars.allSatisfy(isAllowed) {
      return (text, nil)
    }
    return (Base64.encode(bytes), (encoding, "base64"))
  }

  /// The body that a text with the attributes in `headers` stands for; nil where it is no base64 though it says so.
  static func decode(_ text: String, _ headers: Headers) -> [UInt8]? {
    if headers[encoding]?.lowercased() == "base64" { return Base64.decode(text) }
    if text == " ", headers[length] == "0" { return [] }
    return Array(text.utf8)
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }
}
