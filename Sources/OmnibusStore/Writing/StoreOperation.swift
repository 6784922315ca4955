internal import Omnibus

/// A call of the store on its way to the writer's thread.
struct StoreOperation: Sendable {
  /// What it needs.
  enum Kind: Sendable, Equatable {
    /// A transaction, which it shares with others.
    case write
    /// A lease that is to last longer: before all else of the turn, so that none runs out while its call waited.
    case extend
    /// The database or what is in memory, as they are after the writes of the same turn.
    case read
    /// Messages of a queue that are ready: before the writes of the same turn where there are some, else after them.
    case lease(String)
  }

  let kind: Kind
  /// About how much memory it takes while it waits.
  let size: Int
  /// Does it; what it gives is called when all that was written is synced.
  let run: @Sendable (StoreCore) throws(Failure) -> @Sendable () -> Void
  /// Says that it was not done.
  let fail: @Sendable (Failure) -> Void
}
