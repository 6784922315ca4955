internal import Omnibus

/// What a transaction changes in memory once it is committed.
enum StagedChange {
  case created(LiveQueue)
  case appended(LiveQueue, QueuedMessage)
  case removed(LiveQueue, Int64)
  case delayed(LiveQueue, Int64, due: Int64, attempts: Int)
}

extension StoreCore {
  /// Says that the open transaction changes the counts of a queue.
  func touch(_ queue: LiveQueue) {
    guard queue.before == nil else { return }
    queue.before = (queue.next, queue.depth)
    touched.append(queue)
  }

  /// Writes the counts of a queue that the open transaction changes.
  func save(_ queue: LiveQueue) throws(Failure) {
    statements.saveQueue.bind(1, queue.number)
    statements.saveQueue.bind(2, queue.next)
    statements.saveQueue.bind(3, Int64(queue.depth))
    try statements.saveQueue.run()
  }

  /// Makes memory what it was before.
  func revert(_ change: StagedChange) {
    switch change {
    case .created(let queue): queues[queue.name] = nil
    case .appended: break
    case .removed(let queue, let sequence), .delayed(let queue, let sequence, _, _): queue.setEnding(sequence, false)
    }
  }

  /// Makes memory what the database is.
  func apply(_ change: StagedChange) {
    switch change {
    case .created: break
    case .appended(let queue, let message): appended(message, to: queue)
    case .removed(let queue, let sequence): removed(sequence, from: queue)
    case .delayed(let queue, let sequence, let due, let count):
      guard var message = queue.letGo(sequence) else { return }
      if let mark = message.mark { attempts.release(mark) }
      (message.due, message.attempts, message.mark) = (due, count, nil)
      delayed(message, in: queue)
    }
  }

  private func appended(_ message: QueuedMessage, to queue: LiveQueue) {
    if message.due > 0 { wait(for: message.due, in: queue) }
    guard queue.scanned == message.sequence - 1, queue.hasRoom else {
      // Messages without a delay are found when the window comes to them.
      stirred.insert(queue.name)
      return
    }
    queue.take(message, now: now)
    if message.due == 0 { stirred.insert(queue.name) }
  }

  private func removed(_ sequence: Int64, from queue: LiveQueue) {
    guard let message = queue.letGo(sequence) else { return }
    if let mark = message.mark { attempts.release(mark) }
    if let key = message.orderKey { follow(key, in: queue) }
  }

  private func delayed(_ message: QueuedMessage, in queue: LiveQueue) {
    wait(for: message.due, in: queue)
    if message.orderKey != nil { queue.takeFirst(message, now: now) }
  }

  private func wait(for due: Int64, in queue: LiveQueue) {
    queue.delayed += 1
    queue.nextDue = min(queue.nextDue ?? .max, due)
    nextMoment = min(nextMoment, due)
  }
}
