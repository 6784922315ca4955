internal import Omnibus

extension StoreCore {
  /// The queue of a name, which begins to exist by that within the open transaction.
  private func queue(named name: String) throws(Failure) -> LiveQueue {
    if let queue = queues[name] { return queue }
    statements.addQueue.bind(1, name)
    try statements.addQueue.run()
    let queue = LiveQueue(number: connection.lastRow, name: name, next: 1, depth: 0)
    staged.append(.created(queue))
    queues[name] = queue
    return queue
  }

  /// Appends a message whose record is `record`, in the open transaction.
  func append(_ record: [UInt8], _ entry: QueueEntry, to name: String) throws(Failure) {
    if let effect = entry.effect, try !isNew(effect) { return }
    let queue = try queue(named: name)
    touch(queue)
    let sequence = queue.next
    let due = entry.delay > .zero ? time.after(entry.delay) : 0
    let appended = time.wall
    queue.next += 1
    queue.depth += 1
    let id = queue.id(sequence)
    statements.append.bind(1, id)
    statements.append.bind(2, entry.orderKey)
    statements.append.bind(3, due)
    statements.append.bind(4, appended)
    try statements.append.run(5, try seal?.seal(record, for: .message(id)) ?? record)
    staged.append(
      .appended(
        queue,
        QueuedMessage(
          sequence: sequence, orderKey: entry.orderKey, appended: appended, due: due, attempts: 0,
          message: queue.hasRoom ? entry.message : nil, mark: nil)))
  }

  /// Remembers an effect of a delivery; false where it was committed before, or the delivery has ended.
  private func isNew(_ effect: QueueEntry.Effect) throws(Failure) -> Bool {
    let isOfQueue = effect.delivery.hasPrefix("queue ")
    if isOfQueue, try !isInQueue(effect.delivery.dropFirst(6)) { return false }
    hasEffects = true
    added += 1
    statements.addEffect.bind(1, effect.delivery)
    statements.addEffect.bind(2, effect.name)
    // Those of messages in queues end with the message.
    statements.addEffect.bind(3, isOfQueue ? 0 : time.after(.seconds(86_400)))
    try statements.addEffect.run()
    return connection.changes > 0
  }

  /// Whether a message is in its queue, by both: `NAME SEQUENCE`.
  private func isInQueue(_ place: Substring) throws(Failure) -> Bool {
    guard let space = place.lastIndex(of: " "), let sequence = Int64(place[place.index(after: space)...]),
      let queue = queues[String(place[..<space])]
    else { return false }
    statements.isThere.bind(1, queue.id(sequence))
    defer { statements.isThere.reset() }
    return try statements.isThere.next()
  }

  /// Removes a leased message in the open transaction; false where the lease has run out.
  func remove(_ lease: QueueLease) throws(Failure) -> Bool {
    guard let queue = queues[lease.queue], queue.message(of: lease) != nil else { return false }
    touch(queue)
    statements.remove.bind(1, queue.id(lease.sequence))
    try statements.remove.run()
    queue.depth -= 1
    if hasEffects {
      statements.removeEffects.bind(1, "queue \(lease.queue) \(lease.sequence)")
      try statements.removeEffects.run()
    }
    queue.setEnding(lease.sequence, true)
    staged.append(.removed(queue, lease.sequence))
    return true
  }

  /// Gives a message back in the open transaction, to be ready after a while.
  func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) throws(Failure) -> Bool {
    guard let queue = queues[lease.queue], let message = queue.message(of: lease) else { return false }
    let due = time.after(delay)
    let attempts = message.attempts - (countingAttempt ? 0 : 1)
    statements.delay.bind(1, queue.id(lease.sequence))
    statements.delay.bind(2, due)
    statements.delay.bind(3, Int64(attempts))
    try statements.delay.run()
    queue.setEnding(lease.sequence, true)
    staged.append(.delayed(queue, lease.sequence, due: due, attempts: attempts))
    return true
  }

  /// Gives a message back at once. That nobody has it is true after a crash anyway, so nothing is written.
  func releaseNow(_ lease: QueueLease, countingAttempt: Bool) -> Bool {
    guard let queue = queues[lease.queue], queue.message(of: lease) != nil,
      var message = queue.letGo(lease.sequence)
    else { return false }
    if !countingAttempt {
      message.attempts -= 1
      if let mark = message.mark { _ = attempts.mark(queue.id(message.sequence), message.attempts, at: mark) }
    }
    queue.makeReady(message)
    stirred.insert(queue.name)
    return true
  }

  // MARK: leases

  /// Whether it is worth to look for messages to lease.
  func mayBeReady(_ name: String) -> Bool {
    guard let queue = queues[name] else { return false }
    return !queue.ready.isEmpty || !queue.isAtEnd || queue.hasMoreDue || queue.damage != nil
  }

  /// Leases messages that are ready, oldest first.
  func lease(from name: String, atMost count: Int, for duration: Duration) throws(Failure) -> [QueueLease] {
    guard let queue = queues[name] else { return [] }
    if let damage = queue.damage {
      queue.damage = nil
      throw damage
    }
    let until = time.after(duration)
    var leases: [QueueLease] = []
    do throws(Failure) {
      while leases.count < count, let next = try nextReady(queue) {
        leases.append(try leaseOrPutBack(next, of: queue, until: until))
      }
    } catch {
      // What was leased is answered with; the next call meets what cannot be read now again, and is told of damage.
      guard !leases.isEmpty else { throw error }
      if error.kind == .internal { queue.damage = error }
    }
    if !leases.isEmpty { nextMoment = min(nextMoment, until) }
    return leases
  }

  /// Leases a message. One that is damaged is set aside until the store is opened again, and what comes behind it goes on;
  /// one that cannot be read now stays where it was.
  private func leaseOrPutBack(
    _ next: QueuedMessage, of queue: LiveQueue, until: Int64
  ) throws(Failure) -> QueueLease {
    do throws(Failure) {
      return try lease(next, of: queue, until: until)
    } catch {
      guard error.kind == .internal else {
        queue.makeReady(next)
        throw error
      }
      if let mark = next.mark { attempts.release(mark) }
      if let key = next.orderKey { follow(key, in: queue) }
      throw error
    }
  }

  private func lease(_ next: QueuedMessage, of queue: LiveQueue, until: Int64) throws(Failure) -> QueueLease {
    var held = next
    let id = queue.id(next.sequence)
    var message: Message
    if let kept = next.message { message = kept } else { message = try read(id) }
    held.attempts += 1
    held.mark = attempts.mark(id, held.attempts, at: held.mark)
    lastToken += 1
    queue.hold(held, token: lastToken, until: until)
    message.delivery = Delivery(
      key: "queue \(queue.name) \(next.sequence)", attempt: held.attempts, received: next.appended)
    return QueueLease(
      queue: queue.name, sequence: next.sequence, token: lastToken, message: message, orderKey: next.orderKey)
  }

  /// The message with an id as it is in the database.
  private func read(_ id: Int64) throws(Failure) -> Message {
    statements.message.bind(1, id)
    defer { statements.message.reset() }
    guard try statements.message.next() else { throw RecordReader.damaged }
    return try statements.message.message(5, seal, for: .message(id))
  }

  private func nextReady(_ queue: LiveQueue) throws(Failure) -> QueuedMessage? {
    if queue.ready.isEmpty { try fill(queue) }
    return queue.takeReady()
  }

  /// Makes a lease last until `duration` from now.
  func extend(_ lease: QueueLease, for duration: Duration) -> Bool {
    guard let queue = queues[lease.queue], queue.message(of: lease) != nil else { return false }
    let until = time.after(duration)
    queue.hold(lease.sequence, until: until)
    nextMoment = min(nextMoment, until)
    return true
  }

  // MARK: how they stand

  /// How all queues stand.
  func statuses() throws(Failure) -> [QueueStatus] {
    var statuses: [QueueStatus] = []
    for queue in queues.values { statuses.append(try status(of: queue)) }
    return statuses.sorted { $0.name < $1.name }
  }

  /// How a queue stands.
  func status(of queue: LiveQueue) throws(Failure) -> QueueStatus {
    QueueStatus(
      name: queue.name, depth: queue.depth, leased: queue.held.count, delayed: queue.delayed, oldest: try oldest(queue))
  }

  private func oldest(_ queue: LiveQueue) throws(Failure) -> Double? {
    statements.oldest.bind(1, queue.id(0))
    statements.oldest.bind(2, queue.id(queue.next))
    defer { statements.oldest.reset() }
    return try statements.oldest.next() ? statements.oldest.double(0) : nil
  }
}
