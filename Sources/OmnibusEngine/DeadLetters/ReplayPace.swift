internal import Omnibus

/// When the next replay may begin: evenly spaced by a rate, the first at once. Time that was lost is not made up for.
struct ReplayPace {
  private let interval: UInt64
  private var due: UInt64

  /// A pace that begins at `now`, in nanoseconds.
  init(_ rate: Rate, from now: UInt64) {
    interval = UInt64(rate.per.components.seconds) * 1_000_000_000 / UInt64(max(rate.count, 1))
    due = now
  }

  /// How long to wait from `now` on.
  mutating func next(at now: UInt64) -> Duration {
    let start = max(due, now)
    due = start + interval
    return .nanoseconds(Int64(clamping: start - now))
  }
}
