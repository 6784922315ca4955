/// The texts of elements of short answers in XML, such as codes of errors, of which no more is of interest. Whatever the
/// bytes are, they are read once, and nothing in them is expanded.
enum XMLElementText {
  /// The text of the first element `name` without attributes, line ends and spaces around it left out; nil where there is
  /// none, or where it holds markup or an entity.
  static func first(_ name: String, in bytes: [UInt8]) -> String? {
    let start = Array("<\(name)>".utf8)
    let end = Array("</\(name)>".utf8)
    guard let from = place(of: start, in: bytes, from: 0).map({ $0 + start.count }) else { return nil }
    guard let to = bytes[from...].firstIndex(of: UInt8(ascii: "<")), bytes[to...].starts(with: end) else { return nil }
    var text = bytes[from..<to]
    guard !text.contains(UInt8(ascii: "&")) else { return nil }
    while let first = text.first, first <= 0x20 { text = text.dropFirst() }
    while let last = text.last, last <= 0x20 { text = text.dropLast() }
    return String(decoding: text, as: UTF8.self)
  }

  private static func place(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    var start = start
    while let place = bytes[start...].firstIndex(of: pattern[0]) {
      if bytes[place...].starts(with: pattern) { return place }
      start = place + 1
    }
    return nil
  }
}
