internal import Synchronization

/// A time that a call may take, for what is called to know why it was cancelled.
final class TimeLimit: Sendable {
  /// The nearest one around what runs; nil where there is none.
  @TaskLocal static var present: TimeLimit?

  private let outer = TimeLimit.present
  private let hasPassed = Atomic<Bool>(false)

  /// Whether this time is over, or that of a limit around it.
  var isOver: Bool { hasPassed.load(ordering: .acquiring) || outer?.isOver == true }

  /// Says that the time is over, before the call is cancelled for it.
  func pass() { hasPassed.store(true, ordering: .releasing) }
}
