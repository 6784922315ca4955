/// The digits of a number in JSON's grammar, its point and exponent applied.
struct DecimalDigits {
  private(set) var isNegative = false
  /// All digits without the point, as ASCII.
  private(set) var digits: [UInt8] = []
  /// The power of ten that `digits` is multiplied by.
  private(set) var exponent = 0

  init(_ text: String) {
    var fraction = 0
    var isFraction = false
    var power = 0
    var isPower = false
    var isNegativePower = false
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "-") where isPower: isNegativePower = true
      case UInt8(ascii: "-"): isNegative = true
      case UInt8(ascii: "."): isFraction = true
      case UInt8(ascii: "e"), UInt8(ascii: "E"): isPower = true
      case UInt8(ascii: "0")...UInt8(ascii: "9") where isPower:
        // A power beyond this is all the same: nothing else in an expression comes near.
        power = min(power * 10 + Int(byte - 0x30), 1_000_000_000)
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        digits.append(byte)
        if isFraction { fraction += 1 }
      default: break
      }
    }
    exponent = (isNegativePower ? -power : power) - fraction
  }

  /// The digits from the first to the last that is not zero.
  var significant: ArraySlice<UInt8> {
    guard let first = digits.firstIndex(where: { $0 != 0x30 }), let last = digits.lastIndex(where: { $0 != 0x30 })
    else { return [] }
    return digits[first...last]
  }

  /// The power of ten of the last significant digit.
  var significantExponent: Int { exponent + digits.endIndex - significant.endIndex }

  /// Below, at or above 0 as this number is less than, equal to or greater than `other`.
  func compare(_ other: DecimalDigits) -> Int {
    let sign = significant.isEmpty ? 0 : isNegative ? -1 : 1
    let otherSign = other.significant.isEmpty ? 0 : other.isNegative ? -1 : 1
    guard sign == otherSign, sign != 0 else { return sign - otherSign }
    return sign * compareMagnitude(other)
  }

  private func compareMagnitude(_ other: DecimalDigits) -> Int {
    let point = significant.count + significantExponent
    let otherPoint = other.significant.count + other.significantExponent
    guard point == otherPoint else { return point < otherPoint ? -1 : 1 }
    if significant.elementsEqual(other.significant) { return 0 }
    return significant.lexicographicallyPrecedes(other.significant) ? -1 : 1
  }
}
