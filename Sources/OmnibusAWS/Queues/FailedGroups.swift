internal import Synchronization

/// Groups of a queue that keeps the order whose next message has failed and comes again.
///
/// SQS counts a receive for whatever comes in one answer with it, though nobody can work on that when it fails once more.
/// While it may come, messages are asked for one at a time.
final class FailedGroups: Sendable {
  /// When the message comes: not before, and not hidden by us any more after. The clock's nanoseconds.
  private struct Window {
    var from: UInt64
    var until: UInt64
  }

  /// How long a message is waited for that should have come: somebody else may have it, or the queue have had enough of it.
  private static let patience: UInt64 = 60_000_000_000
  /// How much sooner than it should a message may come: the queue counts in seconds, and by a clock of its own.
  private static let margin: UInt64 = 2_000_000_000
  /// How many groups are known. While there are more, messages are asked for one at a time for the sake of these.
  private static let most = 1000

  private let windows = Mutex<[String: Window]>([:])

  /// Notes that the next message of `group` comes again, at some time between `from` and `until`.
  func add(_ group: String, from: UInt64, until: UInt64) {
    windows.withLock { windows in
      guard windows.count < Self.most || windows[group] != nil else { return }
      windows[group] = Window(from: from, until: until)
    }
  }

  /// Notes that a message of `group` was received: as long as it is, no other of the group is.
  func remove(_ group: String) { windows.withLock { _ = $0.removeValue(forKey: group) } }

  /// Whether the message of one of them may come between `now` and `end`.
  func mayCome(_ now: UInt64, until end: UInt64) -> Bool {
    windows.withLock { windows in
      guard !windows.isEmpty else { return false }
      windows = windows.filter { now <= $0.value.until &+ Self.patience }
      return windows.contains { $0.value.from <= end &+ Self.margin }
    }
  }
}
