internal import Omnibus
internal import OmnibusStore

extension StoreSuite {
  /// Messages come back whole, in their order, from their own queue.
  func messages(_ trial: Trial) async throws {
    var sent = trial.message(1)
    sent.headers.append("X-Twice", "a")
    sent.headers.append("x-twice", "b")
    sent.headers.append("x-empty", "")
    try await trial.store.append(QueueEntry(sent), to: Trial.queue)
    try await trial.append(Array(2...5))
    try await trial.append([6], to: "another")
    let first = try await trial.lease(2)
    let next = try await trial.lease(10)
    trial.expect(
      first.numbers + next.numbers == [1, 2, 3, 4, 5], .firstInFirstOut,
      "1 to 5 were appended, \((first + next).numbers) leased")
    guard let came = first.first?.message else { return }
    trial.expect(came.id.description == sent.id.description, .keptWhole, "the id is another")
    let fields = came.headers.map { "\($0.name): \($0.value)" }
    trial.expect(fields == sent.headers.map { "\($0.name): \($0.value)" }, .keptWhole, "headers are others")
    trial.expect(try came.bodyBytes() == sent.bodyBytes(), .keptWhole, "the body is another")
    trial.expect(came.properties.entries.isEmpty, .keptWhole, "there are properties")
    let others = try await trial.lease(from: "another")
    trial.expect(others.numbers == [6], .firstInFirstOut, "from the other queue came \(others.numbers)")
    let none = try await trial.lease(from: "unheard-of")
    trial.expect(none.isEmpty, .firstInFirstOut, "from a queue that holds nothing came \(none.numbers)")
    for lease in first + next + others {
      trial.expect(try await trial.store.acknowledge(lease), .works, "acknowledging answers false")
    }
    let left = try await trial.store.queues().map(\.depth).reduce(0, +)
    trial.expect(left == 0, .works, "\(left) messages are there that were acknowledged")
  }

  /// Nobody else has what is leased, until the lease has run out.
  func leases(_ trial: Trial) async throws {
    try await trial.append([1, 2, 3])
    let mine = try await trial.lease(2)
    let others = try await trial.lease(10)
    trial.expect(
      mine.numbers == [1, 2] && others.numbers == [3], .leasedOnce, "one has \(mine.numbers), another \(others.numbers)"
    )
    trial.clock.advance(by: .seconds(9))
    let early = try await trial.lease()
    trial.expect(early.isEmpty, .leaseRunsOut, "after 9 of 10 seconds \(early.numbers) are leased again")
    for lease in mine.prefix(1) {
      trial.expect(try await trial.store.extend(lease, for: .seconds(10)), .heartbeat, "a lease cannot be extended")
    }
    trial.clock.advance(by: .seconds(2))
    let again = try await trial.lease()
    trial.expect(!again.numbers.contains(1), .heartbeat, "an extended lease has run out as if it were not")
    trial.expect(
      again.numbers.filter { $0 != 1 } == [2, 3], .leaseRunsOut,
      "after 11 of 10 seconds came \(again.numbers) of 2 and 3")
    trial.clock.advance(by: .seconds(9))
    let last = try await trial.lease()
    trial.expect(last.numbers == [1], .heartbeat, "when an extended lease had run out came \(last.numbers)")
  }

  /// Whoever has lost a lease changes nothing any more.
  func lostLeases(_ trial: Trial) async throws {
    try await trial.append([1])
    let old = try await trial.one()
    trial.clock.advance(by: .seconds(11))
    let held = try await trial.one()
    try await expectLost(old, "which another consumer has", trial)
    trial.expect(try await trial.store.acknowledge(held), .lostLease, "the new lease of the message is lost")
    try await expectLost(held, "which was acknowledged", trial)
  }

  private func expectLost(_ lease: QueueLease, _ text: String, _ trial: Trial) async throws {
    let store = trial.store
    let before = try await trial.status()
    trial.expect(
      try await !store.extend(lease, for: .seconds(60)), .lostLease, "a message, \(text), is extended")
    trial.expect(
      try await !store.release(lease, after: .zero, countingAttempt: true), .lostLease,
      "a message, \(text), is released")
    trial.expect(
      try await !store.bury(lease, as: trial.letter("lost")), .lostLease, "a message, \(text), is buried")
    trial.expect(try await !store.acknowledge(lease), .lostLease, "a message, \(text), is acknowledged")
    trial.expect(
      try await store.deadLetter("lost", withBody: true) == nil, .buriedWhole, "a message, \(text), is a dead letter")
    let after = try await trial.status()
    trial.expect(
      before?.depth == after?.depth && before?.leased == after?.leased, .lostLease, "a message, \(text), has changed")
  }

  /// What is given back comes again when its time has come.
  func releasing(_ trial: Trial) async throws {
    try await trial.append([1, 2])
    let store = trial.store
    let first = try await trial.one()
    trial.expect(
      try await store.release(first, after: .seconds(30), countingAttempt: true), .releaseDelays, "answers false")
    let second = try await trial.lease()
    trial.expect(second.numbers == [2], .othersPass, "while 1 waited, of 2 came \(second.numbers)")
    for lease in second {
      trial.expect(
        try await store.release(lease, after: .zero, countingAttempt: true), .releaseDelays, "answers false")
    }
    let again = try await trial.lease()
    trial.expect(again.numbers == [2], .releaseDelays, "of 2, which was released at once, came \(again.numbers)")
    for lease in again { _ = try await store.acknowledge(lease) }
    trial.clock.advance(by: .seconds(29))
    let early = try await trial.lease()
    trial.expect(early.isEmpty, .releaseDelays, "after 29 of 30 seconds came \(early.numbers)")
    trial.clock.advance(by: .seconds(2))
    let due = try await trial.lease()
    trial.expect(due.numbers == [1], .releaseDelays, "after 31 of 30 seconds came \(due.numbers)")
    try await trial.append([3], delay: .seconds(30))
    let delayed = try await trial.lease()
    trial.expect(delayed.isEmpty, .releaseDelays, "a message that was appended with a delay came at once")
    trial.clock.advance(by: .seconds(31))
    let late = try await trial.lease()
    trial.expect(late.numbers.contains(3), .releaseDelays, "a message that was appended with a delay has not come")
  }

  /// Attempts are counted and keys stay, however a message comes again.
  func attempts(_ trial: Trial) async throws {
    let store = trial.store
    let appended = trial.clock.wallTime
    try await trial.append([1, 2])
    trial.clock.advance(by: .seconds(5))
    let leases = try await trial.lease()
    let keys = leases.compactMap { $0.message.delivery?.key }
    trial.expect(
      keys == leases.map { "queue \(Trial.queue) \($0.sequence)" } && Set(keys).count == leases.count, .sameKeyAgain,
      "two messages have \(Set(keys).count) keys, or none by queue and sequence")
    guard let first = leases.first else { return }
    let times = leases.compactMap { $0.message.delivery?.received }
    trial.expect(
      times.count == 2 && times.allSatisfy { abs($0 - appended) < 0.1 }, .keptWhole,
      "when it was appended is another time")
    let steps: [(text: String, expected: Int, give: (QueueLease) async throws -> Void)] = [
      ("was released", 2, { _ = try await store.release($0, after: .zero, countingAttempt: true) }),
      ("had run out", 3, { _ in trial.clock.advance(by: .seconds(11)) }),
      ("was released as not attempted", 3, { _ = try await store.release($0, after: .zero, countingAttempt: false) }),
    ]
    var lease = first
    trial.expect(lease.message.delivery?.attempt == 1, .attemptsCounted, "the first lease is not attempt 1")
    for step in steps {
      try await step.give(lease)
      lease = try await trial.one()
      let attempt = lease.message.delivery?.attempt ?? 0
      trial.expect(
        attempt == step.expected, .attemptsCounted,
        "after a lease \(step.text) it is attempt \(attempt), expected \(step.expected)")
      trial.expect(
        lease.message.delivery?.key == keys.first && lease.sequence == first.sequence, .sameKeyAgain,
        "after a lease \(step.text) the key is another")
    }
  }
}
