extension Timestamp {
  /// RFC 3339 in UTC with as many digits of the second as there are: `2024-05-01T12:30:00.25Z`.
  public var text: String {
    let days = Int(seconds.floorDivided(by: 86_400))
    let second = Int(seconds) - days * 86_400
    let date = CivilDate(daysSince1970: days)
    let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, to: 2) }.joined(separator: ":")
    let day = [padded(date.year, to: 4), padded(date.month, to: 2), padded(date.day, to: 2)].joined(separator: "-")
    return "\(day)T\(time)\(fraction(nanoseconds: Int(nanoseconds)))Z"
  }
}

extension Duration {
  /// Seconds with as many digits as there are, to the nanosecond: `1.5s`, `-0.25s`, as the Common Expression Language
  /// writes durations.
  public var secondsText: String {
    let (seconds, attoseconds) = components
    let nanoseconds = Int(attoseconds / 1_000_000_000)
    let sign = seconds < 0 || nanoseconds < 0 ? "-" : ""
    return "\(sign)\(seconds.magnitude)\(fraction(nanoseconds: abs(nanoseconds)))s"
  }
}

private func padded(_ number: Int, to width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

private func fraction(nanoseconds: Int) -> String {
  guard nanoseconds != 0 else { return "" }
  var digits = padded(nanoseconds, to: 9)
  while digits.last == "0" { digits.removeLast() }
  return ".\(digits)"
}
