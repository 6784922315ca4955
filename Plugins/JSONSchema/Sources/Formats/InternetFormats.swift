/// Formats of names and addresses, as their specifications have them.
enum InternetFormats {
  typealias Text = UnsafeBufferPointer<UInt8>

  /// RFC 5321, 4.1.2: a dot-atom or a quoted text, and a host or an address in brackets; or RFC 6531 for those with
  /// characters beyond ASCII.
  static func isEmail(_ text: Text, isInternational: Bool) -> Bool {
    guard let at = text.lastIndex(of: UInt8(ascii: "@")) else { return false }
    let (local, domain) = (text[..<at], text[(at + 1)...])
    guard !local.isEmpty, isLocalPart(local, isInternational) else { return false }
    guard domain.first == UInt8(ascii: "["), domain.last == UInt8(ascii: "]"), domain.count > 2 else {
      return isInternational
        ? InternationalNames.isHostname(String(decoding: domain, as: UTF8.self)) : isHostname(domain)
    }
    let literal = domain.dropFirst().dropLast()
    guard literal.starts(with: "IPv6:".utf8) else { return isIPv4(literal) }
    return isIPv6(literal.dropFirst(5))
  }

  private static func isLocalPart(_ text: Slice<Text>, _ isInternational: Bool) -> Bool {
    if text.first == UInt8(ascii: "\""), text.last == UInt8(ascii: "\""), text.count >= 2 {
      var isEscaped = false
      for byte in text.dropFirst().dropLast() {
        guard byte >= 0x20, byte < 0x7F || isInternational && byte > 0x7F, isEscaped || byte != UInt8(ascii: "\"")
        else { return false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      }
      return !isEscaped
    }
    guard text.first != UInt8(ascii: "."), text.last != UInt8(ascii: ".") else { return false }
    var previous: UInt8 = 0
    for byte in text {
      if byte == UInt8(ascii: "."), previous == byte { return false }
      guard isAlphanumeric(byte) || isInternational && byte > 0x7F || "!#$%&'*+-/=?^_`{|}~.".utf8.contains(byte) else {
        return false
      }
      previous = byte
    }
    return true
  }

  /// RFC 1123, 2.1: labels of letters, digits and hyphens, or what stands for one of another script (RFC 5890, 2.3.2).
  static func isHostname(_ text: Slice<Text>) -> Bool {
    guard !text.isEmpty, text.count <= 253 else { return false }
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy(isLabel)
  }

  /// Whether a label of a host, in ASCII, is as it must be.
  static func isLabel(_ label: some BidirectionalCollection<UInt8>) -> Bool {
    guard let first = label.first, let last = label.last, label.count <= 63 else { return false }
    guard first != UInt8(ascii: "-"), last != UInt8(ascii: "-"),
      label.allSatisfy({ isAlphanumeric($0) || $0 == UInt8(ascii: "-") })
    else { return false }
    // A label with "--" in its third place is one of another kind.
    guard label.dropFirst(2).starts(with: "--".utf8) else { return true }
    return label.prefix(2).map { $0 | 0x20 }.elementsEqual("xn".utf8)
      && InternationalNames.isEncodedLabel(label.dropFirst(4))
  }

  /// RFC 2673, 3.2: four numbers without zeros before them.
  static func isIPv4(_ text: Slice<Text>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        guard (1...3).contains(part.count), part.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
        return (part.count == 1 || part.first != 0x30) && part.reduce(0) { $0 * 10 + Int($1 &- 0x30) } < 256
      }
  }

  /// RFC 4291, 2.2.
  static func isIPv6(_ text: Slice<Text>) -> Bool {
    let parts = text.split(separator: UInt8(ascii: ":"), maxSplits: 9, omittingEmptySubsequences: false)
    guard parts.count >= 3, parts.count <= 9 else { return false }
    var (groups, gaps) = (0, 0)
    for (place, part) in parts.enumerated() {
      if part.isEmpty {
        // The two colons at either end make an empty part more.
        if place == 0 {
          guard parts[1].isEmpty else { return false }
        } else if place == parts.count - 1 {
          guard parts[place - 1].isEmpty else { return false }
        } else {
          gaps += 1
        }
      } else if place == parts.count - 1, part.contains(UInt8(ascii: ".")) {
        guard isIPv4(part) else { return false }
        groups += 2
      } else {
        guard part.count <= 4, part.allSatisfy(isHexadecimal) else { return false }
        groups += 1
      }
    }
    return gaps == 0 ? groups == 8 : gaps == 1 && groups <= 7
  }

  /// RFC 3986, or RFC 3987 for those with characters beyond ASCII.
  static func isURI(_ text: Text, isInternational: Bool, isReference: Bool) -> Bool {
    guard hasOnlyURICharacters(text, isInternational: isInternational) else { return false }
    let parts = URIReference(String(decoding: text, as: UTF8.self))
    guard isReference || parts.isAbsolute else { return false }
    if let fragment = parts.fragment, fragment.utf8.contains(UInt8(ascii: "#")) { return false }
    if !parts.isAbsolute, parts.authority == nil {
      // A colon in the first part would make that a scheme, which it is not.
      let first = parts.path.utf8.prefix { $0 != UInt8(ascii: "/") }
      if first.contains(UInt8(ascii: ":")) { return false }
    }
    if (parts.path + (parts.query ?? "") + (parts.fragment ?? "")).utf8.contains(where: { "[]".utf8.contains($0) }) {
      return false
    }
    return parts.authority.map { isAuthority($0) } ?? true
  }

  private static func isAuthority(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { text in
      var rest = text[...]
      if let at = rest.lastIndex(of: UInt8(ascii: "@")) {
        if rest[..<at].contains(where: { "[]@".utf8.contains($0) }) { return false }
        rest = rest[(at + 1)...]
      }
      if rest.first == UInt8(ascii: "[") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let address = rest[(rest.startIndex + 1)..<end]
        guard isIPv6(address) || address.first.map({ $0 | 0x20 == UInt8(ascii: "v") }) == true else { return false }
        rest = rest[(end + 1)...]
        return rest.isEmpty || isPort(rest)
      }
      if rest.contains(where: { "[]".utf8.contains($0) }) { return false }
      guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return true }
      return isPort(rest[colon...])
    }
  }

  private static func isPort(_ text: Slice<Text>) -> Bool {
    text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy { $0 &- 0x30 < 10 }
  }

  private static func hasOnlyURICharacters(_ text: Text, isInternational: Bool) -> Bool {
    for (place, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "%"):
        guard place + 2 < text.count, isHexadecimal(text[place + 1]), isHexadecimal(text[place + 2]) else {
          return false
        }
      case 0x80...: guard isInternational else { return false }
      default:
        guard isAlphanumeric(byte) || "-._~:/?#[]@!$&'()*+,;=".utf8.contains(byte) else { return false }
      }
    }
    return true
  }

  /// RFC 6570: what stands in braces is an operator and names with modifiers.
  static func isURITemplate(_ text: Text) -> Bool {
    var start: Int?
    for (place, byte) in text.enumerated() {
      switch byte {
      case UInt8(ascii: "{"):
        guard start == nil else { return false }
        start = place + 1
      case UInt8(ascii: "}"):
        guard let first = start, isTemplateExpression(text[first..<place]) else { return false }
        start = nil
      case 0...0x20, UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"),
        UInt8(ascii: "^"), UInt8(ascii: "`"), 0x7F:
        return false
      default: break
      }
    }
    return start == nil
  }

  private static func isTemplateExpression(_ text: Slice<Text>) -> Bool {
    var text = text
    if let first = text.first, "+#./;?&=,!@|".utf8.contains(first) { text = text.dropFirst() }
    return text.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).allSatisfy { name in
      var name = name
      if name.last == UInt8(ascii: "*") { name = name.dropLast() }
      if let colon = name.firstIndex(of: UInt8(ascii: ":")) {
        let length = name[(colon + 1)...]
        guard (1...4).contains(length.count), length.allSatisfy({ $0 &- 0x30 < 10 }) else { return false }
        name = name[..<colon]
      }
      return !name.isEmpty && name.allSatisfy { isAlphanumeric($0) || "_.%".utf8.contains($0) }
    }
  }

  /// RFC 4122, 3.
  static func isUUID(_ text: Text) -> Bool {
    text.count == 36
      && text.enumerated().allSatisfy { place, byte in
        [8, 13, 18, 23].contains(place) ? byte == UInt8(ascii: "-") : isHexadecimal(byte)
      }
  }

  /// RFC 6901, 3.
  static func isJSONPointer(_ text: Slice<Text>) -> Bool {
    guard !text.isEmpty else { return true }
    guard text.first == UInt8(ascii: "/") else { return false }
    for place in text.indices where text[place] == UInt8(ascii: "~") {
      guard place + 1 < text.endIndex, text[place + 1] == 0x30 || text[place + 1] == 0x31 else { return false }
    }
    return true
  }

  /// draft-handrews-relative-json-pointer-01, 3.
  static func isRelativeJSONPointer(_ text: Text) -> Bool {
    let digits = text.prefix { $0 &- 0x30 < 10 }
    guard !digits.isEmpty, digits.count == 1 || digits.first != 0x30 else { return false }
    let rest = text[digits.endIndex...]
    return rest.elementsEqual("#".utf8) || isJSONPointer(rest)
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 26
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || (byte | 0x20) &- UInt8(ascii: "a") < 6
  }
}
