internal import Omnibus

extension Value {
  /// A moment that is given in seconds since 1970, to the millisecond.
  static func time(_ seconds: Double) -> Value {
    let milliseconds = Int64((min(max(seconds, 0), 253_402_300_799) * 1000).rounded())
    return .string(
      Timestamp(seconds: milliseconds / 1000, nanoseconds: Int32(milliseconds % 1000) * 1_000_000).text)
  }
}
