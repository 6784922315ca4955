internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// How the transactions of a store end: told by the thread that commits them, asked by everybody else.
final class WriteWatch: Sendable {
  private let failure = Mutex<Failure?>(nil)
  private let hasFailed = Atomic<Bool>(false)
  private let durations: Histogram

  init(_ metrics: Metrics) {
    durations = metrics.histogram(
      "omnibus_store_commit_duration_seconds", "How long a transaction of the store took, its sync included.")
  }

  /// Why the last transaction failed; nil where it did not.
  var trouble: Failure? { hasFailed.load(ordering: .acquiring) ? failure.withLock { $0 } : nil }

  /// A transaction was committed that began at `start`, by `MonotonicTime`.
  func committed(since start: UInt64) {
    durations.record(nanoseconds: MonotonicTime.now &- start)
    if hasFailed.load(ordering: .relaxed) { hasFailed.store(false, ordering: .releasing) }
  }

  /// A transaction failed. What is wrong with one call alone says nothing of the store.
  func failed(_ failure: Failure) {
    guard failure.kind == .unavailable || failure.kind == .outcomeUnknown else { return }
    self.failure.withLock { $0 = failure }
    hasFailed.store(true, ordering: .releasing)
  }
}
