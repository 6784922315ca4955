/// The field `retry-after` (RFC 9110, 10.2.3): a number of seconds, or a date.
enum RetryAfter {
  /// The longest wait that is believed.
  private static let limit = 86_400

  /// How long to wait from `now`, seconds since 1970; nil for what is neither seconds nor a date.
  static func duration(_ field: String, now: Double) -> Duration? {
    if !field.isEmpty, field.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
      return .seconds(min(Int(field) ?? limit, limit))
    }
    guard let date = date(field) else { return nil }
    return .milliseconds(Int64(min(max(Double(date) - now, 0), Double(limit)) * 1000))
  }

  /// Seconds since 1970 for `Sun, 06 Nov 1994 08:49:37 GMT`; the obsolete forms (RFC 9110, 5.6.7) are not read.
  private static func date(_ text: String) -> Int? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let parts = text.split(separator: " ")
    guard parts.count == 6, parts[0].utf8.count == 4, parts[5] == "GMT", let day = Int(parts[1]), 1...31 ~= day,
      let month = months.firstIndex(of: String(parts[2])), let year = Int(parts[3]), 1970...9999 ~= year
    else { return nil }
    let time = parts[4].split(separator: ":").compactMap { Int($0) }
    guard time.count == 3, 0...23 ~= time[0], 0...59 ~= time[1], 0...60 ~= time[2] else { return nil }
    return days(year, month + 1, day) * 86_400 + time[0] * 3600 + time[1] * 60 + time[2]
  }

  /// Days from 1970-01-01 in the Gregorian calendar: years are counted from March, so that leap days come last.
  private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let year = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return year * 365 + year / 4 - year / 100 + year / 400 + dayOfYear - 719_468
  }
}
