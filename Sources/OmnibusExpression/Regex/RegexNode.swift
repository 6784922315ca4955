/// A regular expression as it is written (RE2's syntax, github.com/google/re2/wiki/Syntax).
indirect enum RegexNode {
  case empty
  case character(CharacterSet)
  case sequence([RegexNode])
  case alternatives([RegexNode])
  case repeated(RegexNode, minimum: Int, maximum: Int?)
  case assertion(Assertion)

  enum Assertion: Sendable {
    case textStart, textEnd, lineStart, lineEnd, wordBoundary, noWordBoundary
  }
}

/// Characters by ranges of scalars and by general categories of Unicode.
struct CharacterSet: Sendable {
  var ranges: [ClosedRange<UInt32>] = []
  var categories: [(names: String, isNegated: Bool)] = []
  var isNegated = false
  var ignoresCase = false

  /// One character.
  init(_ scalar: UInt32) { ranges = [scalar...scalar] }

  /// The characters in `ranges`.
  init(_ ranges: [ClosedRange<UInt32>] = [], isNegated: Bool = false) {
    self.ranges = ranges
    self.isNegated = isNegated
  }

  /// Whether the character is one of the set.
  func contains(_ scalar: Unicode.Scalar) -> Bool {
    guard ignoresCase else { return holds(scalar) != isNegated }
    let cases = [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping]
    let others = cases.compactMap { $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first : nil }
    return (holds(scalar) || others.contains { holds($0) }) != isNegated
  }

  private func holds(_ scalar: Unicode.Scalar) -> Bool {
    for range in ranges where range.contains(scalar.value) { return true }
    for category in categories
    where scalar.properties.generalCategory.abbreviation.hasPrefix(category.names) != category.isNegated {
      return true
    }
    return false
  }

  /// Adds all that is not in `ranges`.
  mutating func addComplement(of other: [ClosedRange<UInt32>]) {
    var next: UInt32 = 0
    for range in other.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if range.lowerBound > next { ranges.append(next...range.lowerBound - 1) }
      next = max(next, range.upperBound + 1)
    }
    if next <= 0x10FFFF { ranges.append(next...0x10FFFF) }
  }
}

extension Unicode.GeneralCategory {
  /// The name in Unicode's tables: `Lu`.
  fileprivate var abbreviation: String {
    switch self {
    case .uppercaseLetter: "Lu"
    case .lowercaseLetter: "Ll"
    case .titlecaseLetter: "Lt"
    case .modifierLetter: "Lm"
    case .otherLetter: "Lo"
    case .nonspacingMark: "Mn"
    case .spacingMark: "Mc"
    case .enclosingMark: "Me"
    case .decimalNumber: "Nd"
    case .letterNumber: "Nl"
    case .otherNumber: "No"
    case .connectorPunctuation: "Pc"
    case .dashPunctuation: "Pd"
    case .openPunctuation: "Ps"
    case .closePunctuation: "Pe"
    case .initialPunctuation: "Pi"
    case .finalPunctuation: "Pf"
    case .otherPunctuation: "Po"
    case .mathSymbol: "Sm"
    case .currencySymbol: "Sc"
    case .modifierSymbol: "Sk"
    case .otherSymbol: "So"
    case .spaceSeparator: "Zs"
    case .lineSeparator: "Zl"
    case .paragraphSeparator: "Zp"
    case .control: "Cc"
    case .format: "Cf"
    case .surrogate: "Cs"
    case .privateUse: "Co"
    case .unassigned: "Cn"
    @unknown default: "Cn"
    }
  }
}
