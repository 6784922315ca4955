internal import Glibc

/// The present time as the field `Date` has it (RFC 9110, 5.6.7), written anew once a second.
struct HTTPDate {
  private var second = Int.min
  private var line: [UInt8] = []

  /// The whole field line: `Date: Sun, 06 Nov 1994 08:49:37 GMT` and a line end.
  mutating func fieldLine() -> [UInt8] {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME_COARSE, &time)
    if time.tv_sec != second {
      second = time.tv_sec
      line = Array("Date: \(Self.text(second))\r\n".utf8)
    }
    return line
  }

  /// `seconds` since 1970 as an IMF-fixdate.
  static func text(_ seconds: Int) -> String {
    var time = seconds
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let day = "\(days[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(parts.tm_year + 1900)"
    return "\(day) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }
}
