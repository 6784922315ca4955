/// A number as it is written in JSON, read digit by digit where it stands: exact at any length, and nothing is allocated.
struct JSONNumber {
  private let text: UnsafeBufferPointer<UInt8>
  let isNegative: Bool
  /// Where the first and the last digit stand that are not zero; none where the number is zero.
  private var first = 0
  private var last = -1
  /// The power of ten of the last digit that is not zero.
  private(set) var exponent = 0
  /// How many digits there are from the first to the last that is not zero.
  private(set) var digitCount = 0

  /// The number that `text` is, in JSON's grammar.
  init(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    isNegative = text.first == UInt8(ascii: "-")
    var power = 0
    var end = text.count
    for place in text.indices where text[place] | 0x20 == UInt8(ascii: "e") {
      power = Self.power(text, from: place + 1)
      end = place
      break
    }
    // Behind the last digit that counts, digits before the point make the power larger, those after it do not.
    var point = end
    for place in 0..<end where text[place] == UInt8(ascii: ".") { point = place }
    var isFound = false
    for place in 0..<end where text[place] &- 0x30 < 10 {
      if text[place] != 0x30 {
        if !isFound { first = place }
        isFound = true
        last = place
      }
    }
    guard isFound else { return }
    digitCount = last - first + 1 - (first < point && point < last ? 1 : 0)
    exponent = power + (last < point ? point - last - 1 : point - last)
  }

  private static func power(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    var power = 0
    for byte in text[start...] where byte &- 0x30 < 10 {
      // Beyond this all powers are the same: nothing that anybody compares with comes near.
      power = min(power * 10 + Int(byte &- 0x30), 1 << 50)
    }
    return text[start] == UInt8(ascii: "-") ? -power : power
  }

  var isZero: Bool { last < 0 }

  /// Whether it has no fraction.
  var isWhole: Bool { isZero || exponent >= 0 }

  /// The whole number of 0 or more that it is, where it fits well.
  var size: Int? {
    guard !isZero else { return 0 }
    guard !isNegative, exponent >= 0, exponent < 18, digitCount + exponent <= 18 else { return nil }
    var value = 0
    forEachDigit { value = value * 10 + Int($0) }
    for _ in 0..<exponent { value *= 10 }
    return value
  }

  /// Calls `body` for the digits from the first to the last that is not zero.
  @inline(__always)
  func forEachDigit(_ body: (UInt8) -> Void) {
    guard !isZero else { return }
    for place in first...last {
      let digit = text[place] &- 0x30
      if digit < 10 { body(digit) }
    }
  }

  /// Below, at or above 0 as this number is less than, equal to or greater than `other`.
  func compare(_ other: JSONNumber) -> Int {
    let sign = isZero ? 0 : isNegative ? -1 : 1
    let otherSign = other.isZero ? 0 : other.isNegative ? -1 : 1
    guard sign == otherSign, sign != 0 else { return sign - otherSign }
    return sign * compareMagnitude(other)
  }

  private func compareMagnitude(_ other: JSONNumber) -> Int {
    let (order, otherOrder) = (exponent + digitCount, other.exponent + other.digitCount)
    guard order == otherOrder else { return order < otherOrder ? -1 : 1 }
    var (a, b) = (first, other.first)
    while a <= last || b <= other.last {
      let digit = Self.digit(text, &a, last)
      let otherDigit = Self.digit(other.text, &b, other.last)
      if digit != otherDigit { return digit < otherDigit ? -1 : 1 }
    }
    return 0
  }

  /// The digit at a place, which goes on behind it; 0 behind the last.
  private static func digit(_ text: UnsafeBufferPointer<UInt8>, _ place: inout Int, _ last: Int) -> UInt8 {
    while place <= last {
      let digit = text[place] &- 0x30
      place += 1
      if digit < 10 { return digit }
    }
    return 0
  }

  /// Whether this is a whole number of times `divisor`, whose digits fit 64 bits.
  func isMultiple(of divisor: Divisor) -> Bool {
    guard !isZero else { return true }
    let shift = exponent - divisor.exponent
    // Its last digit stands behind that of the divisor, and is not zero.
    guard shift >= 0 else { return false }
    var rest: UInt64 = 0
    forEachDigit { rest = Self.remainder(rest, 10, plus: UInt64($0), by: divisor.digits) }
    var (power, base, left) = (1 % divisor.digits, 10 % divisor.digits, shift)
    while left > 0 {
      if left & 1 == 1 { power = Self.remainder(power, base, plus: 0, by: divisor.digits) }
      base = Self.remainder(base, base, plus: 0, by: divisor.digits)
      left >>= 1
    }
    return Self.remainder(rest, power, plus: 0, by: divisor.digits) == 0
  }

  private static func remainder(_ a: UInt64, _ b: UInt64, plus c: UInt64, by divisor: UInt64) -> UInt64 {
    var (high, low) = a.multipliedFullWidth(by: b)
    let (sum, carry) = low.addingReportingOverflow(c)
    low = sum
    if carry { high += 1 }
    return divisor.dividingFullWidth((high % divisor, low)).remainder
  }

  /// What a number is divided by, without its sign: digits × 10^exponent, the last digit not zero.
  struct Divisor {
    let digits: UInt64
    let exponent: Int
  }

  /// This number as a divisor; nil for zero, and where its digits do not fit 64 bits.
  var divisor: Divisor? {
    guard !isZero, digitCount <= 19 else { return nil }
    var digits: UInt64 = 0
    forEachDigit { digits = digits &* 10 &+ UInt64($0) }
    return Divisor(digits: digits, exponent: exponent)
  }

  /// Adds the number to a hash: equal numbers, however they are written, add the same.
  func hash(into hasher: inout Hasher) {
    guard !isZero else { return hasher.combine(0) }
    hasher.combine(isNegative)
    hasher.combine(exponent)
    forEachDigit { hasher.combine($0) }
  }
}
