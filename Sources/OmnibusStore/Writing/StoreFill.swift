internal import Omnibus

/// Messages on their way from the journal to their queues. Their callers have gone, so it is done until it succeeds.
final class StoreFill: StoreOperation {
  let kind: StoreOperationKind
  let arrivals: [Arrival]
  private let last: UInt64
  private let waiting: [UnsafeContinuation<Void, any Error>]

  /// The messages of a group whose last one has the number `last`.
  init(_ arrivals: [Arrival], last: UInt64) {
    kind = .fill
    self.arrivals = arrivals
    self.last = last
    waiting = []
  }

  /// Those of a group of which nobody knows whether the disk has it: their callers wait for the database.
  init(unsynced arrivals: [Arrival], last: UInt64, _ waiting: [UnsafeContinuation<Void, any Error>]) {
    kind = .write
    self.arrivals = arrivals
    self.last = last
    self.waiting = waiting
  }

  var size: Int { arrivals.reduce(0) { $0 + $1.record.count } }

  func run(_ core: StoreCore) throws(Failure) {
    for arrival in arrivals { try core.append(arrival, effect: nil) }
    core.fill(upTo: last)
  }

  func answer() { for continuation in waiting { continuation.resume() } }

  func fail(_ failure: Failure) {
    let failure = Failure(.outcomeUnknown, "the journal of the store could not be synced: \(failure.reason)")
    for continuation in waiting { continuation.resume(throwing: failure) }
  }
}
