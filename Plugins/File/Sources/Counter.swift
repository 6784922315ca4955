internal import Synchronization

/// A number that several closures add to.
final class Counter: Sendable {
  private let number = Atomic<Int>(0)

  /// The sum so far.
  var value: Int { number.load(ordering: .relaxed) }

  /// Adds to it.
  func add(_ count: Int) { number.wrappingAdd(count, ordering: .relaxed) }
}
