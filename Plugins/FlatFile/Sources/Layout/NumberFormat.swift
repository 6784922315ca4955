import Omnibus

/// How numbers are written in a file.
struct NumberFormat: Sendable, Equatable {
  /// Where the sign stands.
  var sign = SignStyle.leading
  /// How many of the digits stand behind the decimal point, which is not written; 0 where it is.
  var impliedDecimals = 0
  /// What stands before the fraction.
  var decimalSeparator = UInt8(ascii: ".")
  /// What stands between groups of three digits; nil for nothing.
  var thousandsSeparator: UInt8?

  /// Whether numbers are written as JSON has them, save for a plus and leading zeros.
  var isPlain: Bool { self == NumberFormat() }

  /// What is special, in words for messages.
  var words: String {
    switch sign {
    case .leading: impliedDecimals > 0 ? " of digits alone" : ""
    case .trailing: " with its sign behind it"
    case .overpunch: " with its sign in the last digit"
    case .none: " without a sign"
    }
  }

  // MARK: reading

  /// The number as JSON writes it, without leading zeros; answers false where the field is no such number.
  func normalise(_ field: UnsafeBufferPointer<UInt8>, allowsFraction: Bool, into result: inout [UInt8]) -> Bool {
    var rest = UnsafeBufferPointer(rebasing: field[...])
    guard var last = rest.last else { return false }
    var isNegative = false
    switch sign {
    case .leading:
      if let first = rest.first, isSign(first) {
        isNegative = first == UInt8(ascii: "-")
        rest = UnsafeBufferPointer(rebasing: rest.dropFirst())
      }
    case .trailing:
      if isSign(last) {
        isNegative = last == UInt8(ascii: "-")
        rest = UnsafeBufferPointer(rebasing: rest.dropLast())
      }
    case .overpunch: (last, isNegative) = Self.overpunched(last)
    case .none: break
    }
    if sign != .overpunch { last = rest.last ?? 0 }
    guard let digits = digits(rest, last: last, allowsFraction: allowsFraction && impliedDecimals == 0) else {
      return false
    }
    write(digits, isNegative: isNegative, into: &result)
    return true
  }

  /// The digits of a number and how many of them are its fraction; nil where there is something else among them.
  private func digits(
    _ text: UnsafeBufferPointer<UInt8>, last: UInt8, allowsFraction: Bool
  ) -> (all: [UInt8], fraction: Int)? {
    var all: [UInt8] = []
    var (inGroup, hasGroups) = (0, false)
    var fractionStart: Int?
    for place in text.indices {
      let byte = place == text.count - 1 ? last : text[place]
      if byte &- UInt8(ascii: "0") < 10 {
        all.append(byte)
        inGroup += 1
      } else if byte == thousandsSeparator, fractionStart == nil, hasGroups ? inGroup == 3 : (1...3).contains(inGroup) {
        (inGroup, hasGroups) = (0, true)
      } else if byte == decimalSeparator, allowsFraction, fractionStart == nil {
        guard !hasGroups || inGroup == 3 else { return nil }
        fractionStart = all.count
        hasGroups = false
      } else {
        return nil
      }
    }
    guard !hasGroups || inGroup == 3, !all.isEmpty, fractionStart != all.count else { return nil }
    return (all, fractionStart.map { all.count - $0 } ?? impliedDecimals)
  }

  private func write(_ digits: (all: [UInt8], fraction: Int), isNegative: Bool, into result: inout [UInt8]) {
    var all = digits.all
    if all.count <= digits.fraction {
      all.insert(contentsOf: repeatElement(0x30, count: digits.fraction + 1 - all.count), at: 0)
    }
    let whole = all.prefix(all.count - digits.fraction)
    let significant = whole.dropLast().drop { $0 == 0x30 } + whole.suffix(1)
    if isNegative, all.contains(where: { $0 != 0x30 }) { result.append(UInt8(ascii: "-")) }
    result.append(contentsOf: significant)
    if digits.fraction > 0 {
      result.append(UInt8(ascii: "."))
      result.append(contentsOf: all.suffix(digits.fraction))
    }
  }

  // MARK: writing

  /// The number as the file has it; nil where it has more decimals than are written, a sign where there is none to be, or
  /// more than 38 digits. `isFixed` leaves room for a sign behind numbers that need none.
  func text(of number: ExactDecimal, allowsFraction: Bool, isFixed: Bool) -> [UInt8]? {
    guard let parts = number.parts, !(parts.coefficient < 0 && sign == .none) else { return nil }
    let kept = impliedDecimals > 0 ? impliedDecimals : allowsFraction ? max(0, -parts.exponent) : 0
    guard let scaled = Self.scale(parts.coefficient, by: parts.exponent + kept) else { return nil }
    var digits = Array(String(scaled.magnitude).utf8)
    if digits.count <= kept { digits.insert(contentsOf: repeatElement(0x30, count: kept + 1 - digits.count), at: 0) }
    var text = grouped(digits.dropLast(kept))
    if kept > 0, impliedDecimals == 0 { text.append(decimalSeparator) }
    text += digits.suffix(kept)
    switch sign {
    case .leading: return scaled < 0 ? [UInt8(ascii: "-")] + text : text
    case .trailing: return scaled < 0 ? text + [UInt8(ascii: "-")] : isFixed ? text + [UInt8(ascii: " ")] : text
    case .overpunch: return text.dropLast() + [Self.overpunch(text[text.count - 1], isNegative: scaled < 0)]
    case .none: return text
    }
  }

  private func grouped(_ digits: ArraySlice<UInt8>) -> [UInt8] {
    guard let thousandsSeparator else { return Array(digits) }
    var text: [UInt8] = []
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text.append(thousandsSeparator) }
      text.append(digit)
    }
    return text
  }

  /// `number` × 10^`power`; nil where that is not whole or does not fit.
  private static func scale(_ number: Int128, by power: Int) -> Int128? {
    guard number != 0 else { return 0 }
    guard abs(power) <= 38 else { return nil }
    var number = number
    for _ in 0..<abs(power) {
      if power < 0 {
        guard number % 10 == 0 else { return nil }
        number /= 10
      } else {
        let (scaled, tooLarge) = number.multipliedReportingOverflow(by: 10)
        guard !tooLarge else { return nil }
        number = scaled
      }
    }
    return number
  }

  // MARK: signs

  private func isSign(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") }

  /// The digit and sign of a zoned decimal's last character: `{` and `A` to `I` are +0 to +9, `}` and `J` to `R` −0 to −9.
  private static func overpunched(_ byte: UInt8) -> (digit: UInt8, isNegative: Bool) {
    switch byte {
    case UInt8(ascii: "{"): (UInt8(ascii: "0"), false)
    case UInt8(ascii: "A")...UInt8(ascii: "I"): (byte - UInt8(ascii: "A") + UInt8(ascii: "1"), false)
    case UInt8(ascii: "}"): (UInt8(ascii: "0"), true)
    case UInt8(ascii: "J")...UInt8(ascii: "R"): (byte - UInt8(ascii: "J") + UInt8(ascii: "1"), true)
    default: (byte, false)
    }
  }

  private static func overpunch(_ digit: UInt8, isNegative: Bool) -> UInt8 {
    if digit == UInt8(ascii: "0") { return UInt8(ascii: isNegative ? "}" : "{") }
    return digit - UInt8(ascii: "1") + UInt8(ascii: isNegative ? "J" : "A")
  }
}

/// Where the sign of a number stands.
enum SignStyle: String, OptionEnum {
  /// Before the digits, and only where it is a minus; a plus is read.
  case leading
  /// Behind the digits; fixed width has a blank there where the number is not negative.
  case trailing
  /// In the last digit, as in zoned decimals: `{ABCDEFGHI` are +0 to +9, `}JKLMNOPQR` −0 to −9.
  case overpunch
  /// Nowhere: there are no negative numbers.
  case none
}
