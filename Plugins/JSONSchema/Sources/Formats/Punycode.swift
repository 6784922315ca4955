/// Punycode (RFC 3492): texts of Unicode in letters, digits and hyphens, as names on the internet have them.
enum Punycode {
  private static let (base, smallest, largest, skew, damp) = (36, 1, 26, 38, 700)
  private static let (firstBias, firstScalar) = (72, 128)

  /// The text that `digits`, without `xn--`, stand for; nil where they stand for none.
  static func decode(_ digits: some Collection<UInt8>) -> [Unicode.Scalar]? {
    let digits = Array(digits)
    let hyphen = digits.lastIndex(of: UInt8(ascii: "-"))
    var text = digits[..<(hyphen ?? 0)].map { Unicode.Scalar($0) }
    guard text.allSatisfy(\.isASCII) else { return nil }
    var (scalar, bias, place) = (firstScalar, firstBias, 0)
    var rest = digits[(hyphen.map { $0 + 1 } ?? 0)...]
    while !rest.isEmpty {
      let before = place
      var (weight, position) = (1, base)
      while true {
        guard let digit = rest.popFirst().flatMap(value) else { return nil }
        place += digit * weight
        let threshold = threshold(position, bias)
        guard place < 1 << 30, weight < 1 << 20 else { return nil }
        if digit < threshold { break }
        weight *= base - threshold
        position += base
      }
      let count = text.count + 1
      bias = adapt(place - before, count, isFirst: before == 0)
      scalar += place / count
      place %= count
      guard let decoded = UInt32(exactly: scalar).flatMap(Unicode.Scalar.init) else { return nil }
      text.insert(decoded, at: place)
      place += 1
    }
    return text
  }

  /// The digits that stand for a text, without `xn--`.
  static func encode(_ text: [Unicode.Scalar]) -> [UInt8] {
    var digits = text.filter(\.isASCII).map { UInt8(truncatingIfNeeded: $0.value) }
    let plain = digits.count
    var (done, bias, delta, next) = (plain, firstBias, 0, firstScalar)
    if plain > 0 { digits.append(UInt8(ascii: "-")) }
    while let least = text.lazy.map({ Int($0.value) }).filter({ $0 >= next }).min() {
      delta += (least - next) * (done + 1)
      next = least
      for scalar in text {
        if Int(scalar.value) < next { delta += 1 }
        guard scalar.value == next else { continue }
        var (rest, position) = (delta, base)
        while true {
          let threshold = threshold(position, bias)
          if rest < threshold { break }
          digits.append(digit(threshold + (rest - threshold) % (base - threshold)))
          rest = (rest - threshold) / (base - threshold)
          position += base
        }
        digits.append(digit(rest))
        bias = adapt(delta, done + 1, isFirst: done == plain)
        (delta, done) = (0, done + 1)
      }
      delta += 1
      next += 1
    }
    return digits
  }

  private static func threshold(_ position: Int, _ bias: Int) -> Int { min(max(position - bias, smallest), largest) }

  private static func adapt(_ delta: Int, _ count: Int, isFirst: Bool) -> Int {
    var delta = isFirst ? delta / damp : delta / 2
    delta += delta / count
    var position = 0
    while delta > (base - smallest) * largest / 2 {
      delta /= base - smallest
      position += base
    }
    return position + (base - smallest + 1) * delta / (delta + skew)
  }

  private static func digit(_ value: Int) -> UInt8 { UInt8(value < 26 ? value + 97 : value - 26 + 48) }

  private static func value(_ digit: UInt8) -> Int? {
    switch digit {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit) - 97
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(digit) - 65
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit) - 48 + 26
    default: nil
    }
  }
}
