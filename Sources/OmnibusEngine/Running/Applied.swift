/// What an apply did: the new generation, and each route's part in it, by id.
public struct Applied: Sendable, Equatable {
  /// Counts the applies that changed something, from 1.
  public var generation = 0
  /// Routes that were not there before.
  public var added: [String] = []
  /// Routes with a new revision.
  public var changed: [String] = []
  /// Routes that are no longer there.
  public var removed: [String] = []
  /// Routes that were not touched.
  public var kept: [String] = []

  /// Whether any route is other than it was.
  public var isChange: Bool { !(added.isEmpty && changed.isEmpty && removed.isEmpty) }

  /// Puts the ids of each list in order.
  mutating func sort() {
    added.sort()
    changed.sort()
    removed.sort()
    kept.sort()
  }
}
