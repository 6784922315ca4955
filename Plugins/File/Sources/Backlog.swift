/// Files that were worked on but could not be moved on, as on a full disk: they must be moved and not delivered again.
/// They are kept in memory, so none should be added to them; the time between two attempts doubles.
struct Backlog {
  struct Entry: Sendable {
    var file: TakenFile
    var succeeded: Bool
  }

  private static let longestPause: UInt64 = 60_000_000_000

  private let pause: UInt64
  private var attempts = 0
  private(set) var entries: [Entry] = []
  /// When to try again.
  private(set) var retryAt: UInt64 = 0

  /// The first two pauses last `pause` nanoseconds.
  init(pause: UInt64) { self.pause = pause }

  var isEmpty: Bool { entries.isEmpty }

  /// Keeps what was left of an attempt that ended at `now`.
  mutating func replace(by left: [Entry], at now: UInt64) {
    entries = left
    attempts = left.isEmpty ? 0 : attempts + 1
    let doubled = pause << UInt64(min(max(attempts - 2, 0), 16))
    retryAt = now + min(doubled, max(pause, Self.longestPause))
  }
}
