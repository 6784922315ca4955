internal import Omnibus

/// A message on its way to a queue, without the journal.
final class StoreAppend: StoreOperation {
  let kind = StoreOperationKind.write
  private let arrival: Arrival
  private let effect: QueueEntry.Effect?
  private let continuation: UnsafeContinuation<Void, any Error>

  init(_ arrival: Arrival, effect: QueueEntry.Effect? = nil, _ continuation: UnsafeContinuation<Void, any Error>) {
    self.arrival = arrival
    self.effect = effect
    self.continuation = continuation
  }

  var size: Int { arrival.record.count }

  func run(_ core: StoreCore) throws(Failure) { try core.append(arrival, effect: effect) }
  func answer() { continuation.resume() }
  func fail(_ failure: Failure) { continuation.resume(throwing: failure) }
}
