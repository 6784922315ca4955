internal import Omnibus
internal import OmnibusStore

extension StoreSuite {
  /// A store that is closed and opened again is what it was; leases of whoever had them run out.
  func reopened(_ trial: Trial) async throws {
    let store = trial.store
    try await trial.append([1, 2, 3])
    try await trial.append([4], key: "a")
    try await trial.append([5], key: "a")
    try await trial.append([6], delay: .seconds(1000))
    let effect = QueueEntry.Effect(delivery: "file from 7", name: "a")
    try await trial.append([7], effect: effect)
    _ = try await store.acknowledge(try await trial.one())
    let leased = try await trial.one()
    let buried = try await trial.one()
    _ = try await store.bury(buried, as: trial.letter("three"))
    try await store.remember("key", in: "x", for: .seconds(100))
    _ = try await store.keep(generation(1), atMost: 5)
    await store.close()

    let next = try await make(trial.clock, trial.directory.path)
    let again = Trial(store: next, directory: trial.directory, examination: trial.examination)
    do {
      try await expectSame(again, leased: leased, effect: effect)
    } catch {
      await next.close()
      throw error
    }
    await next.close()
  }

  private func expectSame(_ trial: Trial, leased: QueueLease, effect: QueueEntry.Effect) async throws {
    let store = trial.store
    trial.clock.advance(by: .seconds(11))
    try await trial.append([8], effect: effect)
    let came = try await trial.lease(for: 1000)
    trial.expect(
      came.numbers == [2, 4, 7], .durable, "of 2, 4, before 5, and 7 came \(came.numbers) when it was opened again")
    if let second = came.first {
      trial.expect(
        second.message.delivery?.key == leased.message.delivery?.key && second.sequence == leased.sequence,
        .sameKeyAgain,
        "the key is another when the store is opened again")
      let attempt = second.message.delivery?.attempt ?? 0
      trial.expect(
        attempt == 2, .attemptsCounted, "when the store is opened again it is attempt \(attempt), expected 2")
      trial.expect(try second.message.bodyBytes() == Secret.body(2), .durable, "the body is another")
      trial.expect(try await !store.acknowledge(leased), .lostLease, "a lease from before is good, beside a new one")
    }
    trial.expect(try await store.deadLetter("three", withBody: true) != nil, .durable, "a dead letter is gone")
    trial.expect(try await store.remembers("key", in: "x"), .durable, "a key is forgotten")
    trial.expect(try await store.generations().map(\.number) == [1], .durable, "a generation is gone")
    let number = try await store.keep(generation(2), atMost: 5)
    trial.expect(number == 2, .generationsNumbered, "the next generation has the number \(number)")
    try await trial.append([9])
    let last = try await trial.lease()
    trial.expect(
      last.numbers == [9] && last.allSatisfy { lease in came.allSatisfy { $0.sequence < lease.sequence } }, .durable,
      "a message that was appended later came as \(last.numbers), or before others")
    for lease in came where [lease].numbers == [4] { _ = try await store.acknowledge(lease) }
    trial.expect(try await trial.lease().numbers == [5], .inOrder, "the next of a key has not come")
    trial.clock.advance(by: .seconds(1000))
    trial.expect(try await trial.lease().numbers.contains(6), .releaseDelays, "a delayed message has not come")
  }
}
