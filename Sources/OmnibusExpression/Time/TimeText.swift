package import Omnibus

/// Reads times: timestamps after RFC 3339, durations such as `1h30m` or `5400s`.
package enum TimeText {
  // MARK: timestamps

  /// The moment that `text` names (RFC 3339, 5.6); nil where it does not follow the grammar or names no moment.
  package static func timestamp(_ text: String) -> Timestamp? {
    var reader = Reader(text)
    guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
      let day = reader.digits(2), reader.skip("T") || reader.skip("t"), let hour = reader.digits(2), reader.skip(":"),
      let minute = reader.digits(2), reader.skip(":"), let second = reader.digits(2),
      let nanoseconds = fraction(&reader), let offset = offset(&reader), reader.isAtEnd,
      hour < 24, minute < 60, second < 60
    else { return nil }
    let date = CivilDate(year: year, month: month, day: day)
    guard date.exists else { return nil }
    let seconds = date.daysSince1970 * 86400 + hour * 3600 + minute * 60 + second - offset
    return Timestamp(seconds: Int64(seconds), nanoseconds: nanoseconds)
  }

  private static func fraction(_ reader: inout Reader) -> Int32? {
    guard reader.skip(".") else { return 0 }
    var value: Int32 = 0
    var count = 0
    while let digit = reader.digit() {
      count += 1
      if count <= 9 { value = value * 10 + Int32(digit) }
    }
    guard count > 0 else { return nil }
    for _ in min(count, 9)..<9 { value *= 10 }
    return value
  }

  /// Seconds east of UTC, from `Z` or `+01:00`.
  private static func offset(_ reader: inout Reader) -> Int? {
    if reader.skip("Z") || reader.skip("z") { return 0 }
    let isWest = reader.skip("-")
    guard isWest || reader.skip("+"), let hours = reader.digits(2), reader.skip(":"),
      let minutes = reader.digits(2), hours < 24, minutes < 60
    else { return nil }
    return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }

  // MARK: durations

  /// The duration that `text` names: numbers with fractions, each with one of `h`, `m`, `s`, `ms`, `us`, `ns`.
  package static func duration(_ text: String) -> Duration? {
    var reader = Reader(text)
    let isNegative = reader.skip("-")
    if !isNegative { _ = reader.skip("+") }
    if reader.rest == "0" { return .zero }
    var nanoseconds: Int128 = 0
    repeat {
      guard let part = part(&reader) else { return nil }
      nanoseconds += part
    } while !reader.isAtEnd
    guard nanoseconds < 1 << 90 else { return nil }
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    guard let seconds = Int64(exactly: seconds) else { return nil }
    let duration = Duration.seconds(seconds) + .nanoseconds(Int64(rest))
    return isNegative ? .zero - duration : duration
  }

  /// One number with its unit, in nanoseconds.
  private static func part(_ reader: inout Reader) -> Int128? {
    var value: Int128 = 0
    var scale: Int128 = 1
    var count = 0
    var isFraction = false
    while true {
      if let digit = reader.digit() {
        count += 1
        guard count <= 19 else { return nil }
        value = value * 10 + Int128(digit)
        if isFraction { scale *= 10 }
      } else if !isFraction, reader.skip(".") {
        isFraction = true
      } else {
        break
      }
    }
    guard count > 0, let unit = units.first(where: { reader.skip($0.0) }) else { return nil }
    return value * unit.1 / scale
  }

  /// Longer names first, for `m` begins `ms`.
  private static let units: [(String, Int128)] = [
    ("ms", 1_000_000), ("us", 1000), ("µs", 1000), ("μs", 1000), ("ns", 1), ("h", 3_600_000_000_000),
    ("m", 60_000_000_000), ("s", 1_000_000_000),
  ]

  /// Reads a short text from its start.
  struct Reader {
    private(set) var rest: Substring

    init(_ text: String) { rest = text[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func digit() -> Int? {
      guard let byte = rest.utf8.first, byte >= 0x30, byte <= 0x39 else { return nil }
      rest = rest.dropFirst()
      return Int(byte - 0x30)
    }

    mutating func digits(_ count: Int) -> Int? {
      var value = 0
      for _ in 0..<count {
        guard let digit = digit() else { return nil }
        value = value * 10 + digit
      }
      return value
    }

    mutating func skip(_ text: String) -> Bool {
      guard rest.hasPrefix(text) else { return false }
      rest = rest.dropFirst(text.count)
      return true
    }
  }
}
