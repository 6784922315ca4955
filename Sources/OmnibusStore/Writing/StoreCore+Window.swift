internal import Omnibus

/// How messages come from the database into the window of what is ready.
extension StoreCore {
  /// Finds the queues of a database that was opened.
  func findQueues() throws(Failure) {
    let rows = try connection.prepare("SELECT number, name, next, depth FROM queue")
    while try rows.next() {
      guard let name = rows.text(1) else { throw RecordReader.damaged }
      queues[name] = LiveQueue(number: rows.int(0), name: name, next: rows.int(2), depth: Int(rows.int(3)))
    }
    for queue in queues.values {
      queue.delayed = try matured(queue, upTo: .max)
      queue.nextDue = queue.delayed > 0 ? try nextDue(queue) : nil
      nextMoment = min(nextMoment, queue.nextDue ?? .max)
    }
  }

  /// Writes what an earlier process had marked of messages that were under way when it ended.
  func takeOverAttempts() throws(Failure) {
    let marks = attempts.marks()
    guard !marks.isEmpty else { return }
    let update = try connection.prepare("UPDATE message SET attempts = ?2 WHERE id = ?1 AND attempts < ?2")
    do throws(Failure) {
      try connection.begin()
      for mark in marks {
        update.bind(1, mark.id)
        update.bind(2, mark.attempts)
        try update.run()
      }
      try connection.execute("COMMIT")
    } catch {
      connection.rollBack()
      throw error
    }
    attempts.clear()
  }

  /// Does what the clock has brought: leases that have run out, messages that are due.
  func passTime() {
    nextMoment = .max
    for queue in queues.values {
      for message in queue.expire(now: now) {
        queue.makeReady(message)
        stirred.insert(queue.name)
      }
      let unread = queue.unread
      queue.unread = []
      for (key, sequence) in unread { lead(key, by: sequence, in: queue) }
      if let due = queue.nextDue, due <= now { mature(queue) }
      nextMoment = min(nextMoment, queue.firstExpiry ?? .max, queue.nextDue ?? .max)
    }
  }

  private func mature(_ queue: LiveQueue) {
    stirred.insert(queue.name)
    _ = queue.ripen(now: now)
    queue.hasMoreDue = true
    do throws(Failure) {
      let count = try matured(queue, upTo: now)
      queue.delayed -= count
      queue.maturedUpTo = now
      queue.nextDue = try nextDue(queue)
    } catch {
      queue.nextDue = inASecond
      return
    }
    if queue.hasRoom { try? loadDue(queue) }
  }

  private func matured(_ queue: LiveQueue, upTo now: Int64) throws(Failure) -> Int {
    statements.matured.bind(1, queue.number)
    statements.matured.bind(2, queue.maturedUpTo)
    statements.matured.bind(3, now)
    defer { statements.matured.reset() }
    return try statements.matured.next() ? Int(statements.matured.int(0)) : 0
  }

  private func nextDue(_ queue: LiveQueue) throws(Failure) -> Int64? {
    statements.nextDue.bind(1, queue.number)
    statements.nextDue.bind(2, queue.maturedUpTo)
    defer { statements.nextDue.reset() }
    return try statements.nextDue.next() ? statements.nextDue.int(0) : nil
  }

  /// Reads on, until something is ready or there is nothing left; a part of what is left at a time, so that others have
  /// their turn.
  func fill(_ queue: LiveQueue) throws(Failure) {
    if queue.hasMoreDue { try loadDue(queue) }
    for _ in 0..<16 where queue.ready.isEmpty && !queue.isAtEnd && queue.hasRoom { try scan(queue) }
    if queue.ready.isEmpty, queue.hasMoreDue || !queue.isAtEnd && queue.hasRoom { stirred.insert(queue.name) }
  }

  /// Takes in messages without an order key whose delay has ended.
  private func loadDue(_ queue: LiveQueue) throws(Failure) {
    let statement = statements.due
    statement.bind(1, queue.number)
    statement.bind(2, queue.loadedUpTo.due)
    statement.bind(3, queue.loadedUpTo.id)
    statement.bind(4, now)
    statement.bind(5, Int64(256))
    defer { statement.reset() }
    var count = 0
    while count < 256, try statement.next() {
      count += 1
      queue.loadedUpTo = (statement.int(2), statement.int(0))
      guard statement.isNull(1) else { continue }
      queue.makeReady(row(statement))
    }
    queue.hasMoreDue = count == 256
  }

  /// Takes in the next messages in the order in which they were appended.
  private func scan(_ queue: LiveQueue) throws(Failure) {
    let statement = statements.scan
    statement.bind(1, queue.id(queue.scanned))
    statement.bind(2, queue.id(queue.next - 1))
    statement.bind(3, Int64(256))
    defer { statement.reset() }
    var count = 0
    while count < 256, queue.hasRoom {
      guard try statement.next() else {
        queue.scan(to: queue.next - 1)
        return
      }
      count += 1
      queue.take(row(statement), now: now)
    }
  }

  /// Lets the message behind the first one of an order key take its place.
  func follow(_ key: String, in queue: LiveQueue) {
    guard let sequence = queue.follower(of: key) else { return }
    lead(key, by: sequence, in: queue)
  }

  /// Makes a message the first one of its order key.
  private func lead(_ key: String, by sequence: Int64, in queue: LiveQueue) {
    stirred.insert(queue.name)
    let statement = statements.message
    statement.bind(1, queue.id(sequence))
    defer { statement.reset() }
    do throws(Failure) {
      if try statement.next() { return queue.takeFirst(row(statement), now: now) }
    } catch {
      guard error.kind == .internal else {
        queue.unread.append((key, sequence))
        nextMoment = min(nextMoment, inASecond)
        return
      }
    }
    // One that is not there, or damaged, is found to be so when it is leased.
    queue.makeReady(
      QueuedMessage(
        sequence: sequence, orderKey: key, appended: time.wall, due: 0, attempts: 0, message: nil, mark: nil))
  }

  /// When a database that cannot be read now is asked again.
  private var inASecond: Int64 { now + 1_000_000_000 }

  /// A row as a message of the window. One that is large or damaged is left to be read when it is leased.
  private func row(_ statement: SQLiteStatement) -> QueuedMessage {
    let id = statement.int(0)
    let isSmall = statement.size(5) <= LiveQueue.largestKept
    return QueuedMessage(
      sequence: id & 0xFF_FFFF_FFFF, orderKey: statement.text(1), appended: statement.double(4), due: statement.int(2),
      attempts: Int(statement.int(3)),
      message: isSmall ? try? statement.message(5, seal, for: .message(id)) : nil, mark: nil)
  }
}
