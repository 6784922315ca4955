internal import Synchronization

/// Whether anything of a route that is being built works on the store: the engine lends one to each build among the
/// services, and opens the store when it applies the route, not for one that is only looked at.
public final class StoreNeed: Sendable {
  private let count = Atomic<Int>(0)

  /// Not yet.
  public init() {}

  /// How often something said so.
  package var times: Int { count.load(ordering: .relaxed) }

  /// Says that something does.
  package func note() { count.wrappingAdd(1, ordering: .relaxed) }
}
