internal import Omnibus

/// Moments as AWS writes them, in seconds since 1970.
enum AWSTime {
  /// `20150830T123600Z`.
  static func text(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded(.down))
    let day = whole.floorDivided(by: 86_400)
    let second = whole - day * 86_400
    let date = CivilDate(daysSince1970: day)
    let parts = [date.month, date.day].map(two).joined()
    let time = [second / 3600, second / 60 % 60, second % 60].map(two).joined()
    return "\(date.year)\(parts)T\(time)Z"
  }

  /// The seconds of a moment in ISO 8601, as credentials say when they end: `2015-08-30T12:36:00Z`, with digits and
  /// hyphens and colons or without, with a fraction or without. Nil for anything else.
  static func seconds(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    guard bytes.count <= 40, let mark = bytes.firstIndex(of: UInt8(ascii: "T")) else { return nil }
    let date = bytes[..<mark].filter { $0 != UInt8(ascii: "-") }
    var rest = bytes[(mark + 1)...].filter { $0 != UInt8(ascii: ":") }[...]
    guard date.count == 8, rest.count >= 7, let year = number(date[0..<4]), let month = number(date[4..<6]),
      let day = number(date[6..<8]), let hour = number(rest[0..<2]), let minute = number(rest[2..<4]),
      let second = number(rest[4..<6])
    else { return nil }
    rest = rest[6...]
    if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop { 0x30...0x39 ~= $0 } }
    let isUTC = rest.elementsEqual("Z".utf8) || rest.elementsEqual("+0000".utf8)
    let civil = CivilDate(year: year, month: month, day: day)
    guard isUTC, year >= 1970, civil.exists, hour < 24, minute < 60, second <= 60 else { return nil }
    return Double(civil.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second)
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
