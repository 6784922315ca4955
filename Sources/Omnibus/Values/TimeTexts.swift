extension Timestamp {
  /// RFC 3339 in UTC with as many digits of the second as there are: `2024-05-01T12:30:00.25Z`.
  public var text: String {
    let days = Int(seconds.flooringDivision(by: 86_400))
    let second = Int(seconds) - days * 86_400
    let date = Self.civilDate(daysSince1970: days)
    let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, to: 2) }.joined(separator: ":")
    let day = [padded(date.year, to: 4), padded(date.month, to: 2), padded(date.day, to: 2)].joined(separator: "-")
    return "\(day)T\(time)\(fraction(nanoseconds: Int(nanoseconds)))Z"
  }

  /// The proleptic Gregorian date, counted in eras of 400 years that start on 1 March.
  private static func civilDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = shifted.flooringDivision(by: 146_097)
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
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

extension BinaryInteger {
  fileprivate func flooringDivision(by divisor: Self) -> Self {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
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
