internal import Omnibus

/// Moments as fields of HTTP write them (RFC 9110, 5.6.7), in seconds since 1970.
public enum HTTPTimestamp {
  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  /// `Sun, 06 Nov 1994 08:49:37 GMT`.
  public static func text(_ seconds: Int) -> String {
    let day = seconds.floorDivided(by: 86_400)
    let second = seconds - day * 86_400
    let date = CivilDate(daysSince1970: day)
    let time = [second / 3600, second / 60 % 60, second % 60].map(two).joined(separator: ":")
    return "\(days[date.weekday]), \(two(date.day)) \(months[date.month - 1]) \(date.year) \(time) GMT"
  }

  /// The seconds of any of the three forms that a recipient has to take; nil for anything else. The year of the form
  /// that has but two digits is taken for the last one with these that is no more than 50 years after `now`.
  public static func seconds(_ text: String, now: Double) -> Int? {
    let parts = text.split(separator: " ")
    switch parts.count {
    case 6 where parts[0].hasSuffix(",") && parts[5] == "GMT":
      return seconds(number(parts[3], 4), months.firstIndex(of: String(parts[2])), number(parts[1], 2), parts[4])
    case 5 where parts[0].utf8.count == 3:
      let day = parts[2].utf8.count == 1 ? number(parts[2], 1) : number(parts[2], 2)
      return seconds(number(parts[4], 4), months.firstIndex(of: String(parts[1])), day, parts[3])
    case 4 where parts[0].hasSuffix(",") && parts[3] == "GMT":
      let date = parts[1].split(separator: "-", omittingEmptySubsequences: false)
      guard date.count == 3, let short = number(date[2], 2) else { return nil }
      let thisYear = CivilDate(daysSince1970: Int(now / 86_400)).year
      var year = thisYear - thisYear % 100 + short
      if year > thisYear + 50 { year -= 100 }
      return seconds(year, months.firstIndex(of: String(date[1])), number(date[0], 2), parts[2])
    default: return nil
    }
  }

  private static func seconds(_ year: Int?, _ month: Int?, _ day: Int?, _ time: Substring) -> Int? {
    guard let year, 1970...9999 ~= year, let month, let day else { return nil }
    let date = CivilDate(year: year, month: month + 1, day: day)
    let parts = time.split(separator: ":", omittingEmptySubsequences: false)
    guard date.exists, parts.count == 3, let hour = number(parts[0], 2), let minute = number(parts[1], 2),
      let second = number(parts[2], 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    return date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
  }

  private static func number(_ text: Substring, _ digits: Int) -> Int? {
    guard text.utf8.count == digits, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    return Int(text)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
