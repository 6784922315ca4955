/// What a field `tracestate` says (W3C Trace Context, 3.3).
enum TraceState {
  /// The members that there may be (3.3.1.1).
  private static let maxMembers = 32
  /// What is handed along at the most, in bytes: eight times what everybody has to.
  private static let maxSize = 4096

  /// The fields of one message as one; nil where any of it is malformed, a key comes twice, or there is too much.
  static func joined(_ fields: [String]) -> String? {
    guard !fields.isEmpty else { return "" }
    var members: [Substring] = []
    var keys: Set<Substring> = []
    for field in fields {
      guard field.utf8.count <= maxSize else { return nil }
      for part in field.split(separator: ",") {
        let member = trimmed(part)
        if member.isEmpty { continue }
        guard let equals = member.firstIndex(of: "="), isKey(member[..<equals]),
          isValue(member[member.index(after: equals)...]), keys.insert(member[..<equals]).inserted
        else { return nil }
        members.append(member)
      }
    }
    let joined = members.joined(separator: ",")
    return members.count <= maxMembers && joined.utf8.count <= maxSize ? joined : nil
  }

  /// Without the spaces and tabs around it.
  private static func trimmed(_ text: Substring) -> Substring {
    var text = text.drop { $0 == " " || $0 == "\t" }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
  }

  /// A name, or the name of a tenant, `@` and that of a system (3.3.1.3.1).
  private static func isKey(_ key: Substring) -> Bool {
    let parts = key.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return isName(key, limit: 256, mayBeginWithDigit: false) }
    return isName(parts[0], limit: 241, mayBeginWithDigit: true)
      && isName(parts[1], limit: 14, mayBeginWithDigit: false)
  }

  private static func isName(_ text: Substring, limit: Int, mayBeginWithDigit: Bool) -> Bool {
    guard let first = text.utf8.first, text.utf8.count <= limit else { return false }
    return (isLetter(first) || mayBeginWithDigit && isDigit(first))
      && text.utf8.allSatisfy { isLetter($0) || isDigit($0) || "_-*/".utf8.contains($0) }
  }

  /// Up to 256 printable characters without comma and equals sign; no space ends it (3.3.1.3.2).
  private static func isValue(_ value: Substring) -> Bool {
    guard let last = value.utf8.last, last != UInt8(ascii: " "), value.utf8.count <= 256 else { return false }
    return value.utf8.allSatisfy {
      (0x20...0x7E).contains($0) && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "=")
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) }
  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
