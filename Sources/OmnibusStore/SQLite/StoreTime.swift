internal import Omnibus
internal import OmnibusReactor

/// Time as the store counts it, in nanoseconds since 1970: what the calendar said when the store was opened, and how long
/// that is ago. So it never steps back while the store is open, and is what it was meant to be after a restart.
struct StoreTime {
  private let clock: any EngineClock
  private let wallAtOpening: Int64
  private let clockAtOpening: UInt64

  init(_ clock: any EngineClock) {
    self.clock = clock
    wallAtOpening = Int64(clock.wallTime * 1e9)
    clockAtOpening = clock.now
  }

  var now: Int64 { wallAtOpening &+ Int64(clamping: clock.now &- clockAtOpening) }

  /// The moment `duration` from now, or the end of time.
  func after(_ duration: Duration) -> Int64 {
    let (sum, isTooLate) = now.addingReportingOverflow(Int64(clamping: duration.nanosecondsClamped))
    return isTooLate ? .max : sum
  }

  /// Seconds since 1970, as the calendar goes.
  var wall: Double { clock.wallTime }
}
