internal import Logging
internal import Omnibus
internal import OmnibusReactor

/// Works on the objects that a queue tells of. A message of the queue stays hidden while its objects are worked on, and is
/// deleted when all of them were; else it comes again, until the queue has had enough of it.
struct NotificationReading: Sendable {
  let queue: NotificationQueue
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
    let entries: [NotificationQueue.Entry]
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
  private func receive(_ count: Int) async throws -> [NotificationQueue.Entry] {
    let receiving = Task(executorPreference: Reactor.current ?? context.reactors.next()) {
      try await queue.receive(count, wait: options.wait, context)
    }
    let observer = deliver.stop.onStop { receiving.cancel() }
    defer { deliver.stop.remove(observer) }
    return try await withTaskCancellationHandler {
      try await receiving.value
    } onCancel: {
      receiving.cancel()
    }
  }

  private func work(on entry: NotificationQueue.Entry, _ first: Admission?) async {
    guard let events = ObjectEvent.all(in: entry.body) else {
      first?.end()
      context.logger.warning(
        "a message of the queue is no event of S3, and is left", metadata: ["queue": "\(queue.name)"])
      return
    }
    let beat = Task(executorPreference: Reactor.current ?? context.reactors.next()) { await keepHidden(entry) }
    defer { beat.cancel() }
    var admission = first
    defer { admission?.end() }
    for event in events where event.bucket == delivery.bucket.name && isWanted(event.key) {
      do {
        if admission == nil { admission = try await deliver.admit() }
        guard let current = admission, !deliver.stop.isStopped || current === first else {
          return await giveBack(entry)
        }
        admission = nil
        guard let found = try await delivery.summary(of: event) else {
          current.end()
          continue
        }
        guard await delivery.process(found, attempts: 0, current) == .ended else { return }
      } catch {
        return report(Failure(error))
      }
    }
    do throws(Failure) { try await queue.delete(entry, context) } catch { report(error) }
  }

  private func giveBack(_ entry: NotificationQueue.Entry) async {
    do throws(Failure) { try await queue.hide(entry, seconds: 0, context) } catch { report(error) }
  }

  /// Extends the time for which others do not see the message, each time when half of it has passed.
  private func keepHidden(_ entry: NotificationQueue.Entry) async {
    do {
      let seconds = try await queue.visibility(context)
      while true {
        try await context.clock.sleep(for: .milliseconds(seconds * 500))
        try await queue.hide(entry, seconds: seconds, context)
      }
    } catch {
      let failure = Failure(error)
      if failure.kind != .cancelled { report(failure) }
    }
  }

  private func report(_ failure: Failure) {
    guard failure.kind != .cancelled else { return }
    context.logger.warning(
      "a message of the queue comes again",
      metadata: [
        "queue": "\(queue.name)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)",
      ])
  }
}
