internal import Omnibus
internal import OmnibusStore

extension StoreSuite {
  /// Messages of a key come one at a time, in their order, whatever becomes of the first.
  func orderKeys(_ trial: Trial) async throws {
    let store = trial.store
    try await trial.append([1, 2], key: "a")
    try await trial.append([3], key: "b")
    try await trial.append([4])
    try await trial.append([5], key: "a")
    var held = try await trial.lease()
    trial.expect(!held.numbers.contains(2) && !held.numbers.contains(5), .inOrder, "at once came \(held.numbers)")
    trial.expect(
      held.numbers.filter { $0 == 3 || $0 == 4 } == [3, 4], .othersPass, "while 1 is leased came \(held.numbers)")
    trial.expect(try await trial.lease().isEmpty, .inOrder, "another consumer got the next of a key that is leased")
    guard let first = held.first, first.orderKey != nil else {
      trial.expect(false, .inOrder, "the first message of a key is not leased with it")
      return
    }
    _ = try await store.release(first, after: .seconds(5), countingAttempt: true)
    held = try await trial.lease()
    trial.expect(held.isEmpty, .inOrder, "behind a delayed message of their key came \(held.numbers)")
    try await trial.append([6], key: "c")
    held = try await trial.lease()
    trial.expect(held.numbers == [6], .othersPass, "of a key of its own came \(held.numbers)")
    trial.clock.advance(by: .seconds(6))
    held = try await trial.lease(for: 1000)
    trial.expect(held.numbers == [1], .inOrder, "when the first was due came \(held.numbers)")
    // By acknowledging, by burying, by a lease that runs out: the next one comes when the one before is gone.
    for lease in held { _ = try await store.acknowledge(lease) }
    held = try await trial.lease()
    trial.expect(held.numbers.contains(2) && !held.numbers.contains(5), .inOrder, "after 1 came \(held.numbers)")
    trial.clock.advance(by: .seconds(11))
    held = try await trial.lease()
    trial.expect(
      held.numbers.contains(2) && !held.numbers.contains(5), .inOrder, "after a lease of 2 ran out came \(held.numbers)"
    )
    for lease in held { _ = try await store.bury(lease, as: trial.letter("\(lease.sequence)")) }
    held = try await trial.lease()
    trial.expect(held.numbers == [5], .inOrder, "after 2 was buried came \(held.numbers)")
  }

  /// Whoever waits for messages is called when some may be there.
  func observers(_ trial: Trial) async throws {
    let (store, calls) = (trial.store, Recorder<Bool>())
    let number = await store.onReady(Trial.queue) { calls.append(true) }
    /// Waits for a call while time goes on, as far as it has to.
    func isCalled(_ text: String, from count: Int, step: Duration = .zero) async {
      let called = await trial.examination.settles(step: step) { calls.all.count > count }
      trial.expect(called, .tellsReady, "not called when a message \(text)")
    }
    var count = calls.all.count
    try await trial.append([1])
    await isCalled("was appended", from: count)
    var lease = try await trial.one()
    count = calls.all.count
    await isCalled("was leased, and the lease has run out", from: count, step: .seconds(1))
    lease = try await trial.one()
    count = calls.all.count
    _ = try await store.release(lease, after: .zero, countingAttempt: true)
    await isCalled("was released", from: count)
    lease = try await trial.one()
    count = calls.all.count
    _ = try await store.release(lease, after: .seconds(5), countingAttempt: true)
    await isCalled("was released, and is due", from: count, step: .seconds(1))
    _ = try await store.acknowledge(try await trial.one())
    count = calls.all.count
    try await trial.append([2], delay: .seconds(5))
    await isCalled("was appended with a delay, and is due", from: count, step: .seconds(1))
    _ = try await store.acknowledge(try await trial.one())
    try await trial.append([3, 4, 5], key: "a")
    lease = try await trial.one()
    count = calls.all.count
    _ = try await store.acknowledge(lease)
    await isCalled("may come because the one before it was acknowledged", from: count)
    lease = try await trial.one()
    count = calls.all.count
    _ = try await store.bury(lease, as: trial.letter("4"))
    await isCalled("may come because the one before it was buried", from: count)
    store.removeObserver(number, of: Trial.queue)
    count = calls.all.count
    try await trial.append([6])
    let stayed = await trial.examination.stays { calls.all.count == count }
    trial.expect(stayed, .tellsReady, "called after it was taken back")
  }

  /// What people see of a queue is what is in it.
  func status(_ trial: Trial) async throws {
    let start = trial.clock.wallTime
    try await trial.append([1, 2, 3])
    trial.clock.advance(by: .seconds(60))
    try await trial.append([4], delay: .seconds(100))
    let first = try await trial.one()
    let second = try await trial.one()
    _ = try await trial.store.release(second, after: .seconds(100), countingAttempt: true)
    try await expect(depth: 4, leased: 1, delayed: 2, oldest: start, trial)
    _ = try await trial.store.acknowledge(first)
    try await expect(depth: 3, leased: 0, delayed: 2, oldest: start, trial)
    trial.clock.advance(by: .seconds(101))
    let rest = try await trial.lease()
    try await expect(depth: 3, leased: 3, delayed: 0, oldest: start, trial)
    for lease in rest where !lease.message.headers.contains("x-number") || [lease].numbers != [4] {
      _ = try await trial.store.acknowledge(lease)
    }
    try await expect(depth: 1, leased: 1, delayed: 0, oldest: start + 60, trial)
    trial.clock.advance(by: .seconds(11))
    try await expect(depth: 1, leased: 0, delayed: 0, oldest: start + 60, trial)
    _ = try await trial.store.acknowledge(try await trial.one())
    try await expect(depth: 0, leased: 0, delayed: 0, oldest: nil, trial)
  }

  private func expect(depth: Int, leased: Int, delayed: Int, oldest: Double?, _ trial: Trial) async throws {
    guard let status = try await trial.status() else {
      trial.expect(depth == 0, .statusRight, "a queue that holds \(depth) messages is not there")
      return
    }
    trial.expect(
      status.depth == depth && status.leased == leased && status.delayed == delayed, .statusRight,
      """
      \(status.depth) messages, \(status.leased) leased, \(status.delayed) delayed; expected \(depth), \(leased), \
      \(delayed)
      """)
    let isRight = oldest.map { abs($0 - (status.oldest ?? 0)) < 0.1 } ?? (status.oldest == nil)
    trial.expect(isRight, .statusRight, "the oldest of \(depth) messages is from another time")
  }
}
