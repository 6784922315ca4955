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
      line = Array("Date: \(HTTPTimestamp.text(second))\r\n".utf8)
    }
    return line
  }
}
