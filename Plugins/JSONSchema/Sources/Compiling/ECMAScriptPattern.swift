import Omnibus

/// Regular expressions as JSON Schema has them (ECMA-262, 22.2, with the flag `u`), put into the syntax of this engine
/// (RE2's), which is matched in time that grows with the length of the text only. Refused is what cannot be matched so:
/// back references and assertions about what stands before or behind, but for those that it begins with, which come by
/// themselves; and scripts of Unicode.
struct ECMAScriptPattern {
  private let pattern: [Unicode.Scalar]
  private var place = 0
  private var result = ""
  private var isInClass = false

  /// The same pattern in the syntax of this engine; throws what is wrong with it.
  static func translate(_ pattern: String) throws(OptionProblem) -> String {
    var translator = ECMAScriptPattern(pattern: Array(pattern.unicodeScalars))
    while let scalar = translator.next() { try translator.translate(scalar) }
    return translator.result
  }

  private init(pattern: [Unicode.Scalar]) { self.pattern = pattern }

  private mutating func translate(_ scalar: Unicode.Scalar) throws(OptionProblem) {
    switch scalar {
    case "\\": try escape()
    case "]" where isInClass:
      isInClass = false
      result += "]"
    case "[" where isInClass: result += "\\["
    case "[": openClass()
    case "." where !isInClass: result += "[^\\n\\r\\x{2028}\\x{2029}]"
    case "(" where !isInClass: try group()
    default: result.unicodeScalars.append(scalar)
    }
  }

  private mutating func openClass() {
    let isNegated = take("^")
    // `[]` is no character, `[^]` is any; elsewhere a "]" that stands first would be one of the class.
    if take("]") {
      result += isNegated ? "[\\x{0}-\\x{10FFFF}]" : "[^\\x{0}-\\x{10FFFF}]"
      return
    }
    isInClass = true
    result += isNegated ? "[^" : "["
  }

  private mutating func group() throws(OptionProblem) {
    result += "("
    guard take("?") else { return }
    if take(":") {
      result += "?:"
    } else if take("=") {
      throw problem("an assertion about what follows, (?=…), \(Self.unbounded)")
    } else if take("!") {
      throw problem("an assertion about what follows, (?!…), \(Self.unbounded)")
    } else if take("<") {
      if take("=") || take("!") {
        throw problem("an assertion about what stands before, (?<…), cannot be matched in time that is bounded")
      }
      result += "?P<"
    } else {
      throw problem("a group begins with \"(?:\", \"(?<name>\" or \"(\"")
    }
  }

  private mutating func escape() throws(OptionProblem) {
    guard let scalar = next() else { throw problem("the pattern ends in a backslash") }
    switch scalar {
    case "d", "D", "w", "W", "t", "n", "v", "f", "r": result += "\\\(scalar)"
    case "b" where isInClass: result += "\\x{8}"
    case "b", "B":
      guard !isInClass else { throw problem("unknown escape") }
      result += "\\\(scalar)"
    case "s": result += isInClass ? Self.spaces : "[\(Self.spaces)]"
    case "S":
      guard isInClass else {
        result += "[^\(Self.spaces)]"
        return
      }
      result += Self.noSpaces
    case "c": try control()
    case "x": append(try hexadecimal(2))
    case "u": append(try unicode())
    case "p", "P": try property(isNegated: scalar == "P")
    case "0" where !(peek.map { ("0"..."9").contains($0) } ?? false): append(0)
    case "0"..."9": throw problem("references to groups cannot be matched in time that is bounded")
    case "k": throw problem("references to groups cannot be matched in time that is bounded")
    case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/": result += "\\\(scalar)"
    default:
      // With the flag `u` nothing else may be escaped; without it, which some write for, what is no letter may.
      guard scalar.isASCII, !scalar.properties.isAlphabetic, scalar.value > 32 else { throw problem("unknown escape") }
      append(scalar.value)
    }
  }

  private mutating func control() throws(OptionProblem) {
    guard let letter = next(), letter.isASCII, letter.properties.isAlphabetic else {
      throw problem("\\c takes a letter")
    }
    append(letter.value % 32)
  }

  private mutating func unicode() throws(OptionProblem) -> UInt32 {
    if take("{") {
      var digits = ""
      while let scalar = next(), scalar != "}" { digits.unicodeScalars.append(scalar) }
      guard digits.count <= 8, let value = UInt32(digits, radix: 16), value <= 0x10FFFF else {
        throw problem("\\u{…} takes the number of a character")
      }
      return value
    }
    let high = try hexadecimal(4)
    guard high & 0xFC00 == 0xD800, take("\\u") else { return high }
    let low = try hexadecimal(4)
    guard low & 0xFC00 == 0xDC00 else { throw problem("half of a surrogate pair") }
    return 0x10000 + (high & 0x3FF) << 10 + low & 0x3FF
  }

  private mutating func hexadecimal(_ count: Int) throws(OptionProblem) -> UInt32 {
    var digits = ""
    while digits.count < count, let scalar = peek, scalar.properties.isASCIIHexDigit {
      digits.unicodeScalars.append(scalar)
      place += 1
    }
    guard digits.count == count, let value = UInt32(digits, radix: 16) else {
      throw problem("expected \(count) hexadecimal digits")
    }
    return value
  }

  private mutating func property(isNegated: Bool) throws(OptionProblem) {
    guard take("{") else { throw problem("\\p takes a general category in braces") }
    var name = ""
    while let scalar = next(), scalar != "}" { name.unicodeScalars.append(scalar) }
    for prefix in ["General_Category=", "gc="] where name.hasPrefix(prefix) { name.removeFirst(prefix.count) }
    let mark = isNegated ? "P" : "p"
    switch name {
    case "Any": result += isInClass ? "\\x{0}-\\x{10FFFF}" : "[\(isNegated ? "^" : "")\\x{0}-\\x{10FFFF}]"
    case "ASCII" where !isInClass: result += "[\(isNegated ? "^" : "")\\x{0}-\\x{7F}]"
    case "Alphabetic" where !isNegated: result += isInClass ? "\\p{L}\\p{Nl}" : "[\\p{L}\\p{Nl}]"
    default:
      let short = Self.categories[name] ?? name
      guard short.utf8.count <= 2 else {
        throw problem("\\p{\(name.prefix(40))} is no general category of Unicode; scripts and properties are not there")
      }
      result += "\\\(mark){\(short)}"
    }
  }

  private mutating func append(_ scalar: UInt32) { result += "\\x{\(String(scalar, radix: 16))}" }

  private var peek: Unicode.Scalar? { place < pattern.count ? pattern[place] : nil }

  private mutating func next() -> Unicode.Scalar? {
    guard let scalar = peek else { return nil }
    place += 1
    return scalar
  }

  private mutating func take(_ text: String) -> Bool {
    guard pattern[place...].starts(with: text.unicodeScalars) else { return false }
    place += text.unicodeScalars.count
    return true
  }

  private func problem(_ message: String) -> OptionProblem {
    OptionProblem(nil, "invalid regular expression, at character \(place): \(message)")
  }

  private static let unbounded =
    "cannot be matched in time that is bounded unless the pattern is \"^\" and begins with it"

  /// White space and ends of lines (ECMA-262, 12.2 and 12.3).
  private static let spaces =
    "\\x{9}-\\x{D}\\x{20}\\x{A0}\\x{1680}\\x{2000}-\\x{200A}\\x{2028}\\x{2029}\\x{202F}\\x{205F}\\x{3000}\\x{FEFF}"
  private static let noSpaces =
    "\\x{0}-\\x{8}\\x{E}-\\x{1F}\\x{21}-\\x{9F}\\x{A1}-\\x{167F}\\x{1681}-\\x{1FFF}\\x{200B}-\\x{2027}"
    + "\\x{202A}-\\x{202E}\\x{2030}-\\x{205E}\\x{2060}-\\x{2FFF}\\x{3001}-\\x{FEFE}\\x{FF00}-\\x{10FFFF}"

  /// General categories by their long names (UAX 44, 5.7.1).
  private static let categories = [
    "Letter": "L", "Cased_Letter": "LC", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Titlecase_Letter": "Lt",
    "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
    "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "digit": "Nd", "Letter_Number": "Nl",
    "Other_Number": "No", "Punctuation": "P", "punct": "P", "Connector_Punctuation": "Pc", "Dash_Punctuation": "Pd",
    "Open_Punctuation": "Ps", "Close_Punctuation": "Pe", "Initial_Punctuation": "Pi", "Final_Punctuation": "Pf",
    "Other_Punctuation": "Po", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Modifier_Symbol": "Sk",
    "Other_Symbol": "So", "Separator": "Z", "Space_Separator": "Zs", "Line_Separator": "Zl",
    "Paragraph_Separator": "Zp", "Other": "C", "Control": "Cc", "Format": "Cf", "Private_Use": "Co",
    "Unassigned": "Cn",
  ]
}
