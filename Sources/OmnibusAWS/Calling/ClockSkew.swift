internal import Omnibus
internal import OmnibusHTTP
internal import Synchronization

/// How far the clock of AWS is ahead of ours, which signatures may differ from by minutes only.
final class ClockSkew: Sendable {
  /// What services take is 5 minutes or 15; what is less than this is no reason for a refusal, in seconds.
  private static let tolerance = 240.0

  private let offset = Mutex(0.0)

  /// The time of AWS in seconds since 1970.
  func time(_ clock: any EngineClock) -> Double { clock.wallTime + offset.withLock { $0 } }

  /// Takes over the date of an answer that may have come because a clock is wrong, where the request was signed with one
  /// that is far from it. Whether it was.
  func heed(date: String?, signedAt: Double, _ clock: any EngineClock) -> Bool {
    let now = clock.wallTime
    guard let seconds = date.flatMap({ HTTPTimestamp.seconds($0, now: now) }) else { return false }
    let date = Double(seconds)
    guard abs(date - signedAt) > Self.tolerance else { return false }
    offset.withLock { $0 = date - now }
    return true
  }
}
