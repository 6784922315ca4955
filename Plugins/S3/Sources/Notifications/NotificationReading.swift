internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import OmnibusReactor

/// Works on the objects that a queue tells of. A message of the queue stays hidden while its objects are worked on, and is
/// deleted when all of them were; else it comes again, until the queue has had enough of it.
struct NotificationReading: Sendable {
  let queue: SQSQueue
  let reader: SQSReader
  let options: NotificationOptions
  let isWanted: @Sendable (_ key: String) -> Bool
  let delivery: ObjectDelivery
  let slots: Slots

  private var deliver: Deliver { delivery.deliver }
  private var context: Context { deliver.context }

  /// Waits for messages, as many as can be worked on now, and begins to. The permits of the route for the first of them are
  /// taken before it is.
  func round(_ group: inout ThrowingDiscardingTaskGroup<any Error>) async throws {
    await slots.take()
    let free = 1 + slots.takeFree(9)
    var given = 0
    defer { for _ in given..<free { slots.give() } }
    guard !deliver.stop.isStopped, !Task.isCancelled, let admission = try await deliver.admit() else { return }
    let entries: [SQSMessage]
    do {
      entries = try await receive(free)
    } catch {
      admission.end()
      guard !deliver.stop.isStopped else { return }
      throw error
    }
    if entries.isEmpty { admission.end() }
    for (place, entry) in entries.prefix(free).enumerated() {
      given += 1
      group.addTask(executorPreference: context.reactors.next()) {
        await work(on: entry, place == 0 ? admission : nil)
        slots.give()
      }
    }
  }

  /// Being stopped gives the waiting up.
  private func receive(_ count: Int) async throws -> [SQSMessage] {
    let receiving = Task(executorPreference: Reactor.current ?? context.reactors.next()) {
      try await reader.receive(count, wait: options.wait)
    }
    let observer = deliver.stop.onStop { receiving.cancel() }
    defer { deliver.stop.remove(observer) }
    return try await withTaskCancellationHandler {
      try await receiving.value
    } onCancel: {
      receiving.cancel()
    }
  }

  private func work(on entry: SQSMessage, _ first: Admission?) async {
    guard let events = ObjectEvent.all(in: entry.text) else {
      first?.end()
      await reader.giveBack(entry.held, after: nil)
      context.logger.warning(
        "a message of the queue is no event of S3, and is left", metadata: ["queue": "\(queue.shortName)"])
      return
    }
    await work(on: events, of: entry.held, first)
  }

  private func work(on events: [ObjectEvent], of entry: HeldMessage, _ first: Admission?) async {
    var admission = first
    defer { admission?.end() }
    for event in events where event.bucket == delivery.bucket.name && isWanted(event.key) {
      do {
        if admission == nil { admission = try await deliver.admit() }
        guard let current = admission, !deliver.stop.isStopped || current === first else {
          return await reader.giveBackAll([entry])
        }
        guard let found = try await delivery.summary(of: event), !found.isFolder else { continue }
        // Another message tells of the same object: this one comes again when that was worked on.
        guard delivery.memory.begin(found.key) else { return await reader.giveBack(entry, after: nil) }
        admission = nil
        guard await delivery.process(found, attempts: entry.receives - 1, current) == .ended else {
          return Task.isCancelled ? await reader.giveBackAll([entry]) : await reader.giveBack(entry, after: nil)
        }
      } catch {
        report(Failure(error))
        return await reader.giveBack(entry, after: nil)
      }
    }
    _ = await reader.delete(entry)
  }

  private func report(_ failure: Failure) {
    guard failure.kind != .cancelled else { return }
    context.logger.warning(
      "a message of the queue comes again",
      metadata: [
        "queue": "\(queue.shortName)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)",
      ])
  }
}
