/// A number kept as it was written in JSON (RFC 8259, 6), so that `1.00` stays `1.00`.
public struct ExactDecimal: Sendable {
  /// The text, by JSON's number grammar.
  public let text: String

  /// A number from text that is known to follow JSON's grammar.
  public init(unchecked text: String) { self.text = text }

  /// `coefficient` × 10^`exponent`, written without an exponent where that takes at most 40 digits; zeros at the end
  /// of the coefficient are kept, so 330 × 10^-2 is `3.30`.
  public init(coefficient: Int128, exponent: Int) {
    let digits = String(coefficient.magnitude)
    let sign = coefficient < 0 ? "-" : ""
    let point = digits.count + exponent
    if exponent == 0 {
      text = sign + digits
    } else if exponent > 0, point <= 40 {
      text = sign + digits + (coefficient == 0 ? "" : String(repeating: "0", count: exponent))
    } else if exponent < 0, point > 0 {
      text = sign + digits.prefix(point) + "." + digits.dropFirst(point)
    } else if exponent < 0, exponent > -40 {
      text = sign + "0." + String(repeating: "0", count: -point) + digits
    } else {
      text = "\(sign)\(digits)e\(exponent)"
    }
  }

  /// The number that a finite double is: a whole one exactly, where it has at most 38 digits, any other as the
  /// shortest decimal that stands for it; nil for NaN and infinities.
  public init?(_ double: Double) {
    guard double.isFinite else { return nil }
    if let whole = Int128(exactly: double) {
      self.init(coefficient: whole, exponent: 0)
    } else {
      self.init(unchecked: "\(double)")
    }
  }

  /// The number as coefficient and exponent; nil where the coefficient does not fit 128 bits.
  public var parts: (coefficient: Int128, exponent: Int)? {
    let scan = DecimalDigits(text)
    guard scan.digits.count <= 38, let magnitude = Int128(String(decoding: scan.digits, as: UTF8.self)) else {
      return nil
    }
    return (scan.isNegative ? -magnitude : magnitude, scan.exponent)
  }

  /// The nearest double, infinite where there is none.
  public var double: Double { Double(text) ?? .nan }

  /// Whether this is less than, equal to or greater than `other`: below, at or above 0. Exact at any length.
  public func compare(_ other: ExactDecimal) -> Int { DecimalDigits(text).compare(DecimalDigits(other.text)) }

  /// The whole number with the fraction cut off; nil where it does not fit.
  public func truncated<Integer: FixedWidthInteger>(to type: Integer.Type) -> Integer? {
    let scan = DecimalDigits(text)
    let point = scan.significant.count + scan.significantExponent
    guard !scan.significant.isEmpty, point > 0 else { return 0 }
    guard point <= 40 else { return nil }
    let digits = scan.significant.prefix(point) + Array(repeating: 0x30, count: max(0, scan.significantExponent))
    return Integer((scan.isNegative ? "-" : "") + String(decoding: digits, as: UTF8.self))
  }
}

extension ExactDecimal {
  /// The sum; nil where a coefficient does not fit 128 bits.
  public func adding(_ other: ExactDecimal) -> ExactDecimal? {
    aligned(other) { $0.addingReportingOverflow($1) }
  }

  /// The difference; nil where a coefficient does not fit 128 bits.
  public func subtracting(_ other: ExactDecimal) -> ExactDecimal? {
    aligned(other) { $0.subtractingReportingOverflow($1) }
  }

  /// The product; nil where its coefficient does not fit 128 bits.
  public func multiplied(by other: ExactDecimal) -> ExactDecimal? {
    guard let a = parts, let b = other.parts else { return nil }
    let (product, tooLarge) = a.coefficient.multipliedReportingOverflow(by: b.coefficient)
    return tooLarge ? nil : ExactDecimal(coefficient: product, exponent: a.exponent + b.exponent)
  }

  /// The quotient, exact where it ends, else rounded half to even at the last digit that fits 128 bits; nil where a
  /// coefficient does not fit. The divisor is not zero.
  public func divided(by other: ExactDecimal) -> ExactDecimal? {
    guard var (dividend, exponent) = parts, let divisor = other.parts, divisor.coefficient != 0 else { return nil }
    while dividend % divisor.coefficient != 0 {
      let (scaled, tooLarge) = dividend.multipliedReportingOverflow(by: 10)
      if tooLarge { break }
      dividend = scaled
      exponent -= 1
    }
    var (quotient, rest) = dividend.quotientAndRemainder(dividingBy: divisor.coefficient)
    let twice = rest.magnitude.multipliedReportingOverflow(by: 2)
    let half = divisor.coefficient.magnitude
    if twice.overflow || twice.partialValue > half || (twice.partialValue == half && quotient % 2 != 0) {
      quotient += (dividend < 0) == (divisor.coefficient < 0) ? 1 : -1
    }
    return ExactDecimal(coefficient: quotient, exponent: exponent - divisor.exponent)
  }

  /// What is left of the division that is cut off to a whole number, with the sign of the dividend; nil where a
  /// coefficient does not fit. The divisor is not zero.
  public func remainder(dividingBy other: ExactDecimal) -> ExactDecimal? {
    aligned(other) { $1 == 0 ? ($0, true) : ($0 % $1, false) }
  }

  private func aligned(
    _ other: ExactDecimal, _ operation: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)
  ) -> ExactDecimal? {
    guard let a = parts, let b = other.parts else { return nil }
    let exponent = min(a.exponent, b.exponent)
    guard let left = Self.scaled(a, to: exponent), let right = Self.scaled(b, to: exponent) else { return nil }
    let (result, tooLarge) = operation(left, right)
    return tooLarge ? nil : ExactDecimal(coefficient: result, exponent: exponent)
  }

  private static func scaled(_ parts: (coefficient: Int128, exponent: Int), to exponent: Int) -> Int128? {
    guard parts.coefficient != 0 else { return 0 }
    guard parts.exponent - exponent <= 38 else { return nil }
    var value = parts.coefficient
    for _ in 0..<parts.exponent - exponent {
      let (scaled, tooLarge) = value.multipliedReportingOverflow(by: 10)
      if tooLarge { return nil }
      value = scaled
    }
    return value
  }
}
