/// Reads RE2's syntax (github.com/google/re2/wiki/Syntax). Back references and look-around are not part of it.
struct RegexParser {
  private static let maximumDepth = 100
  private static let maximumRepeat = 1000

  private struct Flags {
    var ignoresCase = false
    var isMultiline = false
    var dotTakesNewline = false
  }

  private let pattern: [Unicode.Scalar]
  private var place = 0
  private var depth = 0
  private var flags = Flags()

  /// The tree for a pattern.
  static func parse(_ pattern: String) throws(Fault) -> RegexNode {
    var parser = RegexParser(pattern)
    let node = try parser.alternatives()
    guard parser.place == parser.pattern.count else { throw parser.fault("a \")\" has no \"(\"") }
    return node
  }

  private init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  private mutating func alternatives() throws(Fault) -> RegexNode {
    var branches = [try sequence()]
    while take("|") { branches.append(try sequence()) }
    return branches.count == 1 ? branches[0] : .alternatives(branches)
  }

  private mutating func sequence() throws(Fault) -> RegexNode {
    var nodes: [RegexNode] = []
    while let scalar = peek, scalar != "|", scalar != ")" {
      guard var node = try atom() else { continue }
      var repeats = 0
      while let (minimum, maximum) = try repetition() {
        _ = take("?")
        repeats += 1
        guard repeats <= 10 else { throw fault("too many repetitions in a row") }
        node = .repeated(node, minimum: minimum, maximum: maximum)
      }
      nodes.append(node)
    }
    return nodes.count == 1 ? nodes[0] : .sequence(nodes)
  }

  private mutating func repetition() throws(Fault) -> (Int, Int?)? {
    if take("*") { return (0, nil) }
    if take("+") { return (1, nil) }
    if take("?") { return (0, 1) }
    let start = place
    guard take("{") else { return nil }
    guard let minimum = number() else {
      place = start
      return nil
    }
    var maximum: Int? = minimum
    if take(",") { maximum = number() }
    guard take("}") else {
      place = start
      return nil
    }
    guard minimum <= Self.maximumRepeat, maximum ?? 0 <= Self.maximumRepeat, minimum <= maximum ?? minimum else {
      throw fault("a repetition is at most \(Self.maximumRepeat), and its bounds are in order")
    }
    return (minimum, maximum)
  }

  /// One item; nil for flags that only change what follows.
  private mutating func atom() throws(Fault) -> RegexNode? {
    guard let scalar = peek else { return nil }
    let start = place
    place += 1
    switch scalar {
    case "(": return try group()
    case "[": return .character(try characterClass())
    case ".": return .character(CharacterSet(flags.dotTakesNewline ? [] : [10...10], isNegated: true))
    case "^": return .assertion(flags.isMultiline ? .lineStart : .textStart)
    case "$": return .assertion(flags.isMultiline ? .lineEnd : .textEnd)
    case "\\": return try escape()
    case "*", "+", "?": throw fault("there is nothing to repeat")
    case "{":
      place = start
      if try repetition() != nil { throw fault("there is nothing to repeat") }
      place = start + 1
      return literal(scalar.value)
    default: return literal(scalar.value)
    }
  }

  private func literal(_ scalar: UInt32) -> RegexNode {
    var set = CharacterSet(scalar)
    set.ignoresCase = flags.ignoresCase
    return .character(set)
  }

  // MARK: groups

  private mutating func group() throws(Fault) -> RegexNode? {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.maximumDepth else { throw fault("groups are nested more than \(Self.maximumDepth) deep") }
    let outer = flags
    if take("?") {
      if take("P<") || (take("<") && peek != "=" && peek != "!") {
        guard let end = pattern[place...].firstIndex(of: ">") else { throw fault("a group's name is not closed") }
        place = end + 1
      } else if try setFlags() {
        return nil
      }
    }
    let node = try alternatives()
    guard take(")") else { throw fault("a \"(\" is not closed") }
    flags = outer
    return node
  }

  /// Reads flags up to `:` or `)`; answers whether they go on for the rest of the outer group.
  private mutating func setFlags() throws(Fault) -> Bool {
    var value = true
    while let scalar = peek {
      place += 1
      switch scalar {
      case "i": flags.ignoresCase = value
      case "m": flags.isMultiline = value
      case "s": flags.dotTakesNewline = value
      case "U": break
      case "-" where value: value = false
      case ":": return false
      case ")": return true
      default: throw fault("unknown flags of a group")
      }
    }
    throw fault("a \"(\" is not closed")
  }

  // MARK: escapes

  private mutating func escape() throws(Fault) -> RegexNode {
    guard let scalar = peek else { throw fault("the pattern ends in a backslash") }
    switch scalar {
    case "A": return assertion(.textStart)
    case "z": return assertion(.textEnd)
    case "b": return assertion(.wordBoundary)
    case "B": return assertion(.noWordBoundary)
    case "Q":
      place += 1
      var nodes: [RegexNode] = []
      while place < pattern.count, !take("\\E") {
        nodes.append(literal(pattern[place].value))
        place += 1
      }
      return .sequence(nodes)
    default: break
    }
    var set = CharacterSet()
    if try addClass(to: &set) {
      set.ignoresCase = flags.ignoresCase
      return .character(set)
    }
    return literal(try escapedScalar())
  }

  private mutating func assertion(_ assertion: RegexNode.Assertion) -> RegexNode {
    place += 1
    return .assertion(assertion)
  }

  /// `\d`, `\s`, `\w`, `\pL`, `\p{Lu}` and their opposites.
  private mutating func addClass(to set: inout CharacterSet) throws(Fault) -> Bool {
    guard let scalar = peek else { return false }
    switch scalar {
    case "d", "D", "s", "S", "w", "W":
      place += 1
      let name = scalar.properties.lowercaseMapping
      let ranges = Self.named[name == "d" ? "digit" : name == "w" ? "word" : "perlspace"] ?? []
      if scalar.properties.isLowercase { set.ranges += ranges } else { set.addComplement(of: ranges) }
      return true
    case "p", "P":
      place += 1
      var name = ""
      var isNegated = scalar == "P"
      if take("{") {
        if take("^") { isNegated.toggle() }
        while let scalar = peek, scalar != "}" {
          name.unicodeScalars.append(scalar)
          place += 1
        }
        guard take("}") else { throw fault("\\p{ is not closed") }
      } else if let scalar = peek {
        name = String(scalar)
        place += 1
      }
      guard
        "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po S Sm Sc Sk So Z Zs Zl Zp C Cc Cf Cs Co"
          .split(separator: " ").contains(Substring(name))
      else { throw fault("\\p takes a general category such as L or Lu; scripts are not there") }
      set.categories.append((name, isNegated))
      return true
    default: return false
    }
  }

  private mutating func escapedScalar() throws(Fault) -> UInt32 {
    guard let scalar = peek else { throw fault("the pattern ends in a backslash") }
    place += 1
    switch scalar {
    case "a": return 7
    case "f": return 12
    case "n": return 10
    case "r": return 13
    case "t": return 9
    case "v": return 11
    case "x": return try hexadecimal()
    case "0"..."7":
      var value = scalar.value - 48
      guard value == 0 || peek.map({ ("0"..."7").contains($0) }) == true else {
        throw fault("back references are not there")
      }
      for _ in 0..<2 {
        guard let digit = peek, ("0"..."7").contains(digit) else { break }
        value = value * 8 + digit.value - 48
        place += 1
      }
      return value
    default:
      guard scalar.value < 128, !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
        throw fault("unknown escape")
      }
      return scalar.value
    }
  }

  private mutating func hexadecimal() throws(Fault) -> UInt32 {
    let isBraced = take("{")
    var digits = ""
    while let scalar = peek, scalar.properties.isASCIIHexDigit, digits.count < (isBraced ? 6 : 2) {
      digits.unicodeScalars.append(scalar)
      place += 1
    }
    guard let value = UInt32(digits, radix: 16), value <= 0x10FFFF, isBraced ? take("}") : digits.count == 2 else {
      throw fault("\\x takes two hexadecimal digits or {…}")
    }
    return value
  }

  // MARK: classes

  private mutating func characterClass() throws(Fault) -> CharacterSet {
    var set = CharacterSet()
    set.ignoresCase = flags.ignoresCase
    set.isNegated = take("^")
    var isFirst = true
    while isFirst || peek != "]" {
      guard let scalar = peek else { throw fault("a \"[\" is not closed") }
      isFirst = false
      if try addPOSIXClass(to: &set) { continue }
      place += 1
      if scalar == "\\", try addClass(to: &set) { continue }
      let low = scalar == "\\" ? try escapedScalar() : scalar.value
      var high = low
      if peek == "-", place + 1 < pattern.count, pattern[place + 1] != "]" {
        place += 1
        guard let scalar = peek else { throw fault("a \"[\" is not closed") }
        place += 1
        high = scalar == "\\" ? try escapedScalar() : scalar.value
      }
      guard low <= high else { throw fault("the bounds of a range are not in order") }
      set.ranges.append(low...high)
    }
    place += 1
    return set
  }

  private mutating func addPOSIXClass(to set: inout CharacterSet) throws(Fault) -> Bool {
    guard take("[:") else { return false }
    let isNegated = take("^")
    var name = ""
    while let scalar = peek, scalar != ":", scalar != "]" {
      name.unicodeScalars.append(scalar)
      place += 1
    }
    guard take(":]"), let ranges = Self.named[name] else { throw fault("unknown class in [[:…:]]") }
    if isNegated { set.addComplement(of: ranges) } else { set.ranges += ranges }
    return true
  }

  private static let named: [String: [ClosedRange<UInt32>]] = [
    "alnum": [48...57, 65...90, 97...122], "alpha": [65...90, 97...122], "ascii": [0...127], "blank": [9...9, 32...32],
    "cntrl": [0...31, 127...127], "digit": [48...57], "graph": [33...126], "lower": [97...122], "print": [32...126],
    "punct": [33...47, 58...64, 91...96, 123...126], "space": [9...13, 32...32], "upper": [65...90],
    "word": [48...57, 65...90, 95...95, 97...122], "xdigit": [48...57, 65...70, 97...102],
    "perlspace": [9...10, 12...13, 32...32],
  ]

  // MARK: scalars

  private var peek: Unicode.Scalar? { place < pattern.count ? pattern[place] : nil }

  private mutating func take(_ text: String) -> Bool {
    guard pattern[place...].starts(with: text.unicodeScalars) else { return false }
    place += text.unicodeScalars.count
    return true
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = peek, ("0"..."9").contains(scalar), value ?? 0 < 100_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 48)
      place += 1
    }
    return value
  }

  private func fault(_ message: String) -> Fault {
    Fault("invalid regular expression, at character \(min(place, pattern.count) + 1): \(message)")
  }
}
