internal import Synchronization

/// Counts down, for what a test lets happen so many times.
public final class Countdown: Sendable {
  private let left: Atomic<Int>

  /// A countdown from `count`.
  public init(_ count: Int) { left = Atomic(count) }

  /// Whether there is one left; takes it.
  public func next() -> Bool { left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 }
}
