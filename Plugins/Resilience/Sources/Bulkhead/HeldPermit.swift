internal import Omnibus
internal import Synchronization

/// A place within a bulkhead, held for a message and for those of its calls that go on although `timeout` gave them up:
/// what they do is what the bulkhead limits.
final class HeldPermit: Sendable {
  /// The places that the present message holds.
  @TaskLocal static var present: [HeldPermit] = []

  private let permit: Permit
  private let holders = Atomic<Int>(1)

  init(_ permit: Permit) { self.permit = permit }

  /// Keeps it beyond the present holder, which holds it still.
  func hold() { holders.wrappingAdd(1, ordering: .relaxed) }

  /// Ends what the first holder or `hold` began; the last to do so gives the place back.
  func release() {
    if holders.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 { permit.end() }
  }
}
