internal import Omnibus

/// A call of the store on its way to the writer's thread, which alone uses it from then on.
protocol StoreOperation: AnyObject, Sendable {
  var kind: StoreOperationKind { get }
  /// About how much memory it takes while it waits.
  var size: Int { get }
  /// Does it, in the open transaction where it writes. It may be done again after a transaction was rolled back.
  func run(_ core: StoreCore) throws(Failure)
  /// Gives its caller what it came to, once all that was written is synced.
  func answer()
  /// Tells its caller that it was not done.
  func fail(_ failure: Failure)
}

/// What an operation needs.
enum StoreOperationKind: Sendable, Equatable {
  /// A transaction, which it shares with others.
  case write
  /// A lease that is to last longer: before all else of the turn, so that none runs out while its call waited.
  case extend
  /// The database or what is in memory, as they are after the writes of the same turn.
  case read
  /// Messages of a queue that are ready: before the writes of the same turn where there are some, else after them.
  case lease(String)
}
