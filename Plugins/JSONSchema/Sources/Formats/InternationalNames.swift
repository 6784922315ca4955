/// Names on the internet in letters beyond ASCII (IDNA 2008: RFC 5890 to 5892). The rules for texts that run from right to
/// left (RFC 5893) are not among those that are checked.
enum InternationalNames {
  typealias Scalars = [Unicode.Scalar]

  /// Whether a text is a name of labels in letters of any script, or in what stands for them in ASCII.
  static func isHostname(_ text: String) -> Bool {
    // RFC 3490, 3.1.
    let dots: Set<Unicode.Scalar> = [".", "\u{3002}", "\u{FF0E}", "\u{FF61}"]
    let labels = text.unicodeScalars.split(omittingEmptySubsequences: false) { dots.contains($0) }
    var length = labels.count - 1
    for label in labels {
      let scalars = Scalars(label)
      guard scalars.contains(where: { !$0.isASCII }) else {
        guard InternetFormats.isLabel(scalars.map { UInt8(truncatingIfNeeded: $0.value) }) else { return false }
        length += scalars.count
        continue
      }
      // Longer ones need not be encoded to know it.
      guard scalars.count <= 59, isLabel(scalars) else { return false }
      let count = Punycode.encode(scalars).count + 4
      guard count <= 63 else { return false }
      length += count
    }
    return length <= 253
  }

  /// Whether `digits`, what follows `xn--` in a label, stand for a label as it must be, in the one way that there is.
  static func isEncodedLabel(_ digits: some Collection<UInt8>) -> Bool {
    let digits = digits.map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
    guard let scalars = Punycode.decode(digits), scalars.contains(where: { !$0.isASCII }) else { return false }
    return isLabel(scalars) && Punycode.encode(scalars) == digits
  }

  /// RFC 5891, 4.2.3.
  private static func isLabel(_ label: Scalars) -> Bool {
    guard let first = label.first, first != "-", label.last != "-" else { return false }
    if label.count >= 4, label[2] == "-", label[3] == "-" { return false }
    switch first.properties.generalCategory {
    case .spacingMark, .nonspacingMark, .enclosingMark: return false
    default: break
    }
    return label.indices.allSatisfy { isAllowed(label, $0) }
  }

  /// RFC 5892, 2.6 and 3, and the rules of its appendix A.
  private static func isAllowed(_ label: Scalars, _ place: Int) -> Bool {
    let before = place > 0 ? label[place - 1] : nil
    let after = place + 1 < label.count ? label[place + 1] : nil
    switch label[place].value {
    case 0xDF, 0x3C2, 0x6FD, 0x6FE, 0xF0B, 0x3007: return true
    case 0x640, 0x7FA, 0x302E, 0x302F, 0x3031...0x3035, 0x303B: return false
    case 0xB7: return before == "l" && after == "l"
    case 0x375: return after.map(isGreek) ?? false
    case 0x5F3, 0x5F4: return before.map(isHebrew) ?? false
    case 0x30FB: return label.contains(where: isJapanese)
    case 0x660...0x669: return !label.contains { (0x6F0...0x6F9).contains($0.value) }
    case 0x6F0...0x6F9: return !label.contains { (0x660...0x669).contains($0.value) }
    case 0x200C: return isVirama(before) || isBetweenJoined(label, place)
    case 0x200D: return isVirama(before)
    default: return isLetterOrDigit(label[place])
    }
  }

  private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
    guard !scalar.isASCII else {
      return scalar == "-" || ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
    }
    switch scalar.value {
    case 0x1100...0x11FF, 0xA960...0xA97F, 0xD7B0...0xD7FF: return false  // old letters of Hangul
    case 0x20D0...0x20FF, 0x1D100...0x1D24F: return false  // marks for symbols, and music
    default: break
    }
    let properties = scalar.properties
    guard !properties.changesWhenNFKCCaseFolded, !properties.isDefaultIgnorableCodePoint, !properties.isWhitespace
    else {
      return false
    }
    switch properties.generalCategory {
    case .lowercaseLetter, .uppercaseLetter, .otherLetter, .modifierLetter, .decimalNumber, .nonspacingMark,
      .spacingMark:
      return true
    default: return false
    }
  }

  // MARK: scripts

  private static func isVirama(_ scalar: Unicode.Scalar?) -> Bool {
    scalar?.properties.canonicalCombiningClass == .virama
  }

  private static func isGreek(_ scalar: Unicode.Scalar) -> Bool {
    (0x370...0x3E1).contains(scalar.value) || (0x1F00...0x1FFF).contains(scalar.value)
  }

  private static func isHebrew(_ scalar: Unicode.Scalar) -> Bool {
    (0x591...0x5F4).contains(scalar.value) || (0xFB1D...0xFB4F).contains(scalar.value)
  }

  /// Hiragana, Katakana and Han.
  private static func isJapanese(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x3005, 0x3007, 0x3021...0x3029, 0x3038...0x303A, 0x3041...0x3096, 0x309D...0x309F, 0x30A1...0x30FA,
      0x30FD...0x30FF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF:
      true
    default: false
    }
  }

  /// Whether letters that are joined stand on both sides, marks left out.
  private static func isBetweenJoined(_ label: Scalars, _ place: Int) -> Bool {
    func isLetter(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.generalCategory != .nonspacingMark }
    guard let before = label[..<place].last(where: isLetter), let after = label[(place + 1)...].first(where: isLetter)
    else { return false }
    return isJoined(before) && !isJoinedBeforeOnly(before) && isJoined(after)
  }

  /// Letters of Arabic, Syriac and N'Ko that are joined to others.
  private static func isJoined(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x621, 0x674, 0x6D4, 0x6DD: false
    case 0x620...0x6FF, 0x710...0x74F, 0x750...0x77F, 0x7CA...0x7EA: scalar.properties.generalCategory == .otherLetter
    default: false
    }
  }

  /// Those of them that are joined to what stands before them, and to nothing behind.
  private static func isJoinedBeforeOnly(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x622...0x625, 0x627, 0x629, 0x62F...0x632, 0x648, 0x671...0x673, 0x675...0x677, 0x688...0x699, 0x6C0,
      0x6C3...0x6CB, 0x6CD, 0x6CF, 0x6D2, 0x6D3, 0x6D5, 0x6EE, 0x6EF, 0x710, 0x715...0x719, 0x71E, 0x728, 0x72A, 0x72C,
      0x72F, 0x74D, 0x759...0x75B, 0x76B, 0x76C, 0x771, 0x773, 0x774, 0x778, 0x779:
      true
    default: false
    }
  }
}
