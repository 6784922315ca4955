internal import Synchronization

/// What the connections of one reactor, and the handlers of their requests, hold of bodies. Of any thread.
final class BodyMemory: Sendable {
  private let limit: Int
  private let held = Atomic(0)

  /// Memory for `limit` bytes.
  init(limit: Int) { self.limit = limit }

  /// The bytes that are held.
  var bytes: Int { held.load(ordering: .relaxed) }

  /// Counts `change` bytes more; false where they are too much beside what others hold. Who asks has `own` bytes with
  /// them, which alone always fit.
  func add(_ change: Int, own: Int) -> Bool { held.wrappingAdd(change, ordering: .relaxed).newValue - own <= limit }

  /// Counts `bytes` less.
  func remove(_ bytes: Int) { held.wrappingSubtract(bytes, ordering: .relaxed) }
}
