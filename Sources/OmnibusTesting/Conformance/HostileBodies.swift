internal import Omnibus

/// Bodies that nobody sends who means well.
enum HostileBodies {
  /// Bodies by what they are, each with the secret where it can have it.
  static var all: [(name: String, body: Body)] {
    let secret = Array(Secret.text.utf8)
    let document = (try? JSONDocument(parsing: Secret.body(1))).map(Body.document) ?? .empty
    return [
      ("empty", .empty), ("no bytes", .bytes([])), ("text", .bytes(secret)), ("one quote", .bytes([0x22] + secret)),
      ("invalid UTF-8", .bytes([0x22] + secret + [0xC3, 0x28, 0xFF, 0xFE, 0xED, 0xA0, 0x80, 0x22])),
      ("zeros", .bytes(secret + [UInt8](repeating: 0, count: 5000))),
      ("every byte", .bytes(secret + Array(0...255))), ("a byte order mark", .bytes([0xEF, 0xBB, 0xBF] + secret)),
      ("cut off", .bytes(Array("{\"patient\":\"\(Secret.text)".utf8))),
      ("a name twice", .bytes(Array("{\"\(Secret.text)\":1,\"\(Secret.text)\":2}".utf8))),
      ("a number as long as a book", .bytes(Array("{\"n\":".utf8) + [UInt8](repeating: 0x39, count: 100_000) + [0x7D])),
      ("XML", .bytes(Array("<!DOCTYPE a [<!ENTITY b \"\(Secret.text)\">]><a>&b;</a>".utf8))),
      ("HL7", .bytes(Array("MSH|^~\\&|\(Secret.text)|\rPID|1||\(Secret.text)".utf8))),
      ("a document of another format", .document(ForeignDocument())), ("a JSON document", document),
      ("a JSON list", .bytes(Array("[1,\"\(Secret.text)\",null,[{}]]".utf8))),
    ] + shapes.map { ($0.name, .bytes(secret + $0.make(20_000))) }
  }

  /// Bodies of any size that make bad parsers slow or deep.
  static let shapes: [(name: String, make: @Sendable (Int) -> [UInt8])] = [
    ("one letter", { [UInt8](repeating: 0x61, count: $0) }), ("brackets", { [UInt8](repeating: 0x5B, count: $0) }),
    ("nested objects", { repeated("{\"a\":", $0) }), ("quotes", { [UInt8](repeating: 0x22, count: $0) }),
    ("escapes", { [0x22] + repeated("\\u0041", $0) + [0x22] }), ("commas", { [UInt8](repeating: 0x2C, count: $0) }),
    ("line breaks", { [UInt8](repeating: 0x0A, count: $0) }), ("spaces", { [UInt8](repeating: 0x20, count: $0) }),
    ("a list of numbers", { [0x5B] + repeated("1,", $0) + [0x31, 0x5D] }),
    ("an object of many names", { many($0) }),
  ]

  private static func repeated(_ text: String, _ count: Int) -> [UInt8] {
    Array(repeatElement(Array(text.utf8), count: max(count / text.utf8.count, 1)).joined())
  }

  private static func many(_ count: Int) -> [UInt8] {
    Array(("{" + (0..<max(count / 12, 1)).map { "\"n\($0)\":1" }.joined(separator: ",") + "}").utf8)
  }
}

/// A document of a format that no plugin knows.
private struct ForeignDocument: Document {
  let mediaType = "application/x-foreign"
  var root: Value { .map(ValueMap([("patient", .string(Secret.text))])) }
  func serialize() throws(Failure) -> [UInt8] { Array("foreign \(Secret.text)".utf8) }
}
