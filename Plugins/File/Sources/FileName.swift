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

  /// `name` with a number before its extension: `a.csv` and 2 make `a-2.csv`.
  static func numbered(_ name: String, _ number: Int) -> String {
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "\(name)-\(number)" }
    return "\(name[..<dot])-\(number)\(name[dot...])"
  }
}
