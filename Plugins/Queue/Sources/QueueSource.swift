internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import OmnibusStore

/// Takes the messages of a queue. A message is leased for as long as it is worked on, and leaves the queue when the route
/// has returned, or as a dead letter; any number of sources and engines may take from the same queue.
struct QueueSource: Source {
  private static let pauseAfterTrouble = Duration.seconds(1)

  private let options: QueueSourceOptions
  private let access: StoreAccess
  private let metrics: QueueSourceMetrics

  init(_ options: QueueSourceOptions, _ access: StoreAccess, _ context: Context) {
    self.options = options
    self.access = access
    metrics = QueueSourceMetrics(options.name, access, context)
  }

  var summary: String { "queue \(options.name)" }
  /// Two consumers share the messages of a queue, as the old source and the new one do while a reload is under way.
  var mayOverlap: Bool { true }

  func run(_ deliver: Deliver) async throws {
    let store = try access.store
    let desk = LeaseDesk(options.name, store, duration: options.lease)
    let observer = await store.onReady(options.name) { desk.ring() }
    let stopping = deliver.stop.onStop { desk.stop() }
    defer {
      store.removeObserver(observer, of: options.name)
      deliver.stop.remove(stopping)
    }
    let settlement = Settlement(options, store, metrics, deliver.context)
    deliver.ready()
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for _ in 0..<options.concurrency {
          group.addTask(executorPreference: deliver.context.reactors.next()) {
            // What it throws is that it was cancelled.
            try? await work(desk, settlement, deliver)
          }
        }
      }
    } onCancel: {
      desk.stop()
    }
    try Task.checkCancellation()
  }

  /// Works on one message after another. The permits of the route are taken before the message is, and given back where
  /// none is there: they are not held while nothing is to be done.
  private func work(_ desk: LeaseDesk, _ settlement: Settlement, _ deliver: Deliver) async throws {
    while await desk.mayHaveMessages(), let admission = try await deliver.admit() {
      defer { admission.end() }
      guard !deliver.stop.isStopped else { return }
      let lease: QueueLease?
      do {
        lease = try await desk.take()
        if desk.hasRecovered() { deliver.context.logger.notice("the queue can be read again") }
      } catch {
        if desk.isNewTrouble() { deliver.context.reportUnreadable(Failure(error)) }
        guard try await deliver.context.clock.sleep(for: Self.pauseAfterTrouble, unless: deliver.stop) else { return }
        continue
      }
      guard let lease else { continue }
      guard !deliver.stop.isStopped, !Task.isCancelled else { return await settlement.giveBack(lease) }
      await settlement.settle(lease, by: LeasedWork(lease, settlement.store, options.lease), admission, deliver)
    }
  }
}

extension Context {
  fileprivate func reportUnreadable(_ failure: Failure) {
    logger.warning(
      "the queue cannot be read", metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
  }
}
