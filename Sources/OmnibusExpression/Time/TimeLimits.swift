import Omnibus

/// The bounds that CEL sets to times (cel-spec, "Abstract types"; those of protobuf's types).
enum TimeLimits {
  /// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z.
  static let seconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799
  /// About 10,000 years either way.
  static let duration: Int64 = 315_576_000_000

  /// The duration, if it is within the bounds.
  static func checked(_ duration: Duration) throws(Fault) -> Duration {
    let parts = duration.components
    guard
      parts.seconds.magnitude < UInt64(Self.duration)
        || (parts.seconds.magnitude == UInt64(Self.duration) && parts.attoseconds == 0)
    else { throw Fault("the duration is out of range (overflow)") }
    return duration
  }
}

extension Timestamp {
  /// The moment, if it is within the bounds.
  func checked() throws(Fault) -> Timestamp {
    guard TimeLimits.seconds.contains(seconds) else { throw Fault("the timestamp is out of range (overflow)") }
    return self
  }

  /// The moment that is `duration` later.
  func advanced(by duration: Duration) throws(Fault) -> Timestamp {
    let parts = duration.components
    var seconds = seconds + parts.seconds
    var nanoseconds = Int64(self.nanoseconds) + parts.attoseconds / 1_000_000_000
    if nanoseconds < 0 {
      nanoseconds += 1_000_000_000
      seconds -= 1
    } else if nanoseconds >= 1_000_000_000 {
      nanoseconds -= 1_000_000_000
      seconds += 1
    }
    return try Timestamp(seconds: seconds, nanoseconds: Int32(nanoseconds)).checked()
  }

  /// The time from `earlier` to this.
  func distance(from earlier: Timestamp) -> Duration {
    .seconds(seconds - earlier.seconds) + .nanoseconds(Int64(nanoseconds) - Int64(earlier.nanoseconds))
  }
}
