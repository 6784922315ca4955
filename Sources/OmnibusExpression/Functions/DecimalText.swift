/// Numbers as text.
enum DecimalText {
  /// A double as `string()` writes it: the shortest digits that read back as the same number, whole numbers without a
  /// point, an exponent below 10^-6 and from 10^21 on.
  static func text(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    if number == 0 { return number.sign == .minus ? "-0" : "0" }
    if number.magnitude < 1e21, number == number.rounded() { return String(Int128(number)) }
    let shortest = "\(number)"
    guard let mark = shortest.firstIndex(of: "e"), let power = Int(shortest[shortest.index(after: mark)...]),
      power < 0, power >= -6
    else { return shortest.replacing(".0e", with: "e") }
    let digits = shortest[..<mark].filter { $0 != "." && $0 != "-" }
    let plain = digits.hasSuffix("0") ? digits.dropLast() : digits[...]
    return (number < 0 ? "-" : "") + "0." + String(repeating: "0", count: -power - 1) + plain
  }

  /// Whether the text follows JSON's grammar of numbers (RFC 8259, 6).
  static func isNumber(_ text: String) -> Bool {
    var rest = text.utf8[...]
    func digits(_ rest: inout Substring.UTF8View) -> Int {
      let count = rest.prefix { $0 &- 0x30 < 10 }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits(&rest)
    guard whole > 0, !startsWithZero || whole == 1 else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits(&rest) > 0 else { return false }
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
      guard digits(&rest) > 0 else { return false }
    }
    return rest.isEmpty
  }
}
