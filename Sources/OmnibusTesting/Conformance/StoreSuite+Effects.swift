internal import Omnibus
internal import OmnibusStore

extension StoreSuite {
  /// What a delivery does in a queue is done once, however often the delivery comes.
  func effects(_ trial: Trial) async throws {
    let store = trial.store
    try await trial.append([1], to: "from")
    var lease = try await trial.one(from: "from")
    let key = lease.message.delivery?.key ?? ""
    func append(_ number: Int, _ name: String, by delivery: String, to queue: String = Trial.queue) async throws {
      try await trial.append([number], effect: .init(delivery: delivery, name: name), to: queue)
    }
    try await append(10, "1 route a", by: key)
    try await append(11, "1 route b", by: key)
    try await append(12, "1 route a", by: "file from 99999")
    // The engine was killed before it could acknowledge: the message comes again, and does the same.
    trial.clock.advance(by: .seconds(11))
    lease = try await trial.one(from: "from")
    try await append(10, "1 route a", by: key)
    try await append(11, "1 route b", by: key)
    try await append(11, "1 route b", by: key, to: "another")
    let another = try await trial.lease(from: "another")
    trial.expect(another.isEmpty, .effectOnce, "an effect that was committed is done again for another queue")
    let came = try await trial.lease(for: 1000)
    trial.expect(
      came.numbers == [10, 11, 12], .effectOnce, "for three effects, two of them twice, came \(came.numbers)")
    for lease in came { _ = try await store.acknowledge(lease) }
    try await append(10, "1 route a", by: key)
    let early = try await trial.lease()
    trial.expect(early.isEmpty, .effectOnce, "an effect is forgotten while its delivery is under way")
    for lease in early { _ = try await store.acknowledge(lease) }
    _ = try await store.acknowledge(lease)
    try await append(13, "1 route a", by: key)
    let after = try await trial.lease()
    trial.expect(after.isEmpty, .effectEnded, "under a delivery that was acknowledged came \(after.numbers)")
    for lease in after { _ = try await store.acknowledge(lease) }
    try await trial.append([2], to: "from")
    let buried = try await trial.one(from: "from")
    let buriedKey = buried.message.delivery?.key ?? ""
    try await append(14, "2 route a", by: buriedKey)
    _ = try await store.bury(buried, as: trial.letter("2"))
    try await append(15, "2 route a", by: buriedKey)
    let last = try await trial.lease()
    trial.expect(last.numbers == [14], .effectEnded, "before a delivery was buried and after it came \(last.numbers)")
  }

  /// An entry that cannot be kept has no effect.
  func streams(_ trial: Trial) async throws {
    let effect = QueueEntry.Effect(delivery: "file from 1", name: "1 route a")
    let stream = Secret.message(.stream(PieceSource([Secret.body(1)]).stream()))
    await expect(.invalid, .streamsRefused, "a stream", trial) {
      try await trial.store.append(QueueEntry(stream, effect: effect), to: Trial.queue)
    }
    var letter = trial.letter("stream")
    letter.message = stream
    await expect(.invalid, .streamsRefused, "a letter with a stream", trial) { [letter] in
      try await trial.store.keep(letter)
    }
    trial.expect(
      try await trial.store.deadLetter("stream", withBody: true) == nil, .streamsRefused,
      "a letter is kept without its body")
    try await trial.append([1], effect: effect)
    let came = try await trial.lease()
    trial.expect(
      came.numbers == [1], .streamsRefused, "after a stream was refused came \(came.numbers), expected what followed")
    guard let lease = came.first else { return }
    await expect(.invalid, .buriedWhole, "burying as a letter with a stream", trial) { [letter] in
      _ = try await trial.store.bury(lease, as: letter)
    }
    trial.expect(
      try await trial.store.extend(lease, for: .seconds(10)), .buriedWhole,
      "a message whose burying failed is not leased any more")
  }

  /// Expects that a call fails with a kind, and tells nothing of the message.
  func expect(
    _ kind: Failure.Kind, _ rule: Rule, _ text: String, _ trial: Trial, _ body: () async throws -> Void
  ) async {
    do {
      try await body()
      trial.expect(false, rule, "\(text) does not fail")
    } catch {
      let found = Failure(error).kind
      trial.expect(found == kind, rule, "\(text) fails as \(found.rawValue), expected \(kind.rawValue)")
      trial.examination.expectNoPayload(error, text)
    }
  }
}
