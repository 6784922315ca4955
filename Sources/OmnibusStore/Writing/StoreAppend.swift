internal import Omnibus

/// A message on its way to a queue: what a store does most.
final class StoreAppend: StoreOperation {
  let kind = StoreOperationKind.write
  private let record: [UInt8]
  private let entry: QueueEntry
  private let queue: String
  private let continuation: UnsafeContinuation<Void, any Error>

  init(_ record: [UInt8], _ entry: QueueEntry, to queue: String, _ continuation: UnsafeContinuation<Void, any Error>) {
    self.record = record
    self.entry = entry
    self.queue = queue
    self.continuation = continuation
  }

  var size: Int { record.count }

  func run(_ core: StoreCore) throws(Failure) { try core.append(record, entry, to: queue) }
  func answer() { continuation.resume() }
  func fail(_ failure: Failure) { continuation.resume(throwing: failure) }
}
