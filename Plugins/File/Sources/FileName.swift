/// Names that a message may give to a file: one that stays in its folder, and is seen there.
enum FileName {
  /// What is wrong with `name`, without saying it; nil for nothing.
  static func problem(_ name: String) -> String? {
    let bytes = name.utf8
    if bytes.isEmpty { return "it is empty" }
    if bytes.count > 255 { return "it is longer than 255 bytes" }
    if bytes.first == UInt8(ascii: ".") { return "it starts with a dot" }
    if bytes.contains(UInt8(ascii: "/")) { return "it holds a slash" }
    if bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "it holds a control character" }
    return nil
  }

  /// `name` with a number before its extension: `a.csv` and 2 make `a-2.csv`; shortened where it becomes too long.
  static func numbered(_ name: String, _ number: Int) -> String {
    let dot = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : $0 } ?? name.endIndex
    let end = "-\(number)\(name[dot...])"
    var stem = name[..<dot]
    while stem.utf8.count + end.utf8.count > 255, !stem.isEmpty { stem.removeLast() }
    return "\(stem)\(end)"
  }
}
