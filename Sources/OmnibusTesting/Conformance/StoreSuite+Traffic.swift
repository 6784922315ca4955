internal import Omnibus
internal import OmnibusStore
internal import Synchronization

extension StoreSuite {
  /// Many who append and many who work: each message is worked on once at a time, and at the end none is left.
  func manyAtOnce(_ trial: Trial) async throws {
    let (store, tally) = (trial.store, Tally())
    let (tasks, each) = (32, 12)
    let total = tasks * each
    let deadline = ContinuousClock.now + Examination.patience
    try await withThrowingDiscardingTaskGroup { group in
      for task in 0..<tasks {
        group.addTask {
          for number in 0..<each {
            let key = number % 3 == 0 ? "key-\(task % 4)" : nil
            try await trial.append([task * each + number], key: key)
          }
        }
        group.addTask {
          while tally.done < total, ContinuousClock.now < deadline {
            let leases = try await trial.lease(3, for: 1000)
            if leases.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            for lease in leases {
              let number = [lease].numbers.first ?? -1
              tally.begin(number, key: lease.orderKey)
              let isRight = try lease.message.bodyBytes() == Secret.body(number)
              if !isRight { tally.mix() }
              await Task.yield()
              tally.end(number, key: lease.orderKey)
              if lease.message.delivery?.attempt == 1, number % 5 == 0 {
                _ = try await store.release(lease, after: .zero, countingAttempt: true)
              } else if try await store.acknowledge(lease) {
                tally.finish(number)
              }
            }
          }
        }
      }
    }
    let result = tally.result
    trial.expect(result.mixed == 0, .nothingLost, "\(result.mixed) of \(total) messages have another's body")
    trial.expect(
      result.shared == 0, .nothingLost, "\(result.shared) of \(total) messages were with two consumers at once")
    trial.expect(
      result.unordered == 0, .inOrder, "\(result.unordered) times two messages of a key were worked on at once")
    trial.expect(
      result.finished.count == total && result.finished.values.allSatisfy { $0 == 1 }, .nothingLost,
      "of \(total) messages \(result.finished.count) were acknowledged, some \(result.finished.values.max() ?? 0) times"
    )
    let left = try await trial.status()?.depth ?? 0
    trial.expect(left == 0, .nothingLost, "\(left) of \(total) messages are left")
  }

  /// The same effect from many at once.
  func effectsAtOnce(_ trial: Trial) async throws {
    try await withThrowingDiscardingTaskGroup { group in
      for number in 0..<64 {
        let effect = QueueEntry.Effect(delivery: "file from \(number % 4)", name: "a")
        group.addTask { try await trial.append([number], effect: effect) }
      }
    }
    let count = try await trial.lease().count
    trial.expect(count == 4, .effectOnce, "64 appends of four effects at once have made \(count) messages")
  }

  /// Callers that are cancelled at any moment.
  func cancelled(_ trial: Trial) async throws {
    let (returned, threw) = (Recorder<Int>(), Recorder<Int>())
    let calls = (0..<64).map { number in
      Work {
        do {
          if number % 2 == 0 { withUnsafeCurrentTask { $0?.cancel() } }
          try await trial.append([number])
          returned.append(number)
        } catch {
          // Whether a call with an unknown outcome has done something, nobody can say.
          if Failure(error).kind != .outcomeUnknown { threw.append(number) }
        }
      }
    }
    for call in calls { call.cancel() }
    let ended = await trial.examination.settles { calls.allSatisfy(\.hasEnded) }
    trial.expect(ended, .cancelledCall, "calls have not ended within \(Examination.patience)")
    let there = Set(try await trial.lease(1000).numbers)
    let lost = Set(returned.all).subtracting(there).count
    let extra = Set(threw.all).intersection(there).count
    trial.expect(lost == 0, .cancelledCall, "\(lost) messages are not there whose append returned")
    trial.expect(extra == 0, .cancelledCall, "\(extra) messages are there whose append threw")
  }

  /// After the end nothing is done any more.
  func closed(_ trial: Trial) async throws {
    let store = trial.store
    try await trial.append([1])
    let lease = try await trial.one()
    await store.close()
    await store.close()
    let calls: [(String, () async throws -> Void)] = [
      ("append", { try await trial.append([2]) }), ("lease", { _ = try await trial.lease() }),
      ("extend", { _ = try await store.extend(lease, for: .seconds(1)) }),
      ("acknowledge", { _ = try await store.acknowledge(lease) }),
      ("release", { _ = try await store.release(lease, after: .zero, countingAttempt: true) }),
      ("bury", { _ = try await store.bury(lease, as: trial.letter("a")) }),
      ("queues", { _ = try await store.queues() }),
      ("keep", { try await store.keep(trial.letter("a")) }),
      ("deadLetters", { _ = try await store.deadLetters(.init(), after: nil, limit: 1) }),
      ("deadLetter", { _ = try await store.deadLetter("a", withBody: true) }),
      ("removeDeadLetter", { _ = try await store.removeDeadLetter("a") }),
      ("deadLetterCounts", { _ = try await store.deadLetterCounts() }),
      ("remembers", { _ = try await store.remembers("a", in: "x") }),
      ("remember", { try await store.remember("a", in: "x", for: .seconds(1)) }),
      ("forget", { try await store.forget("a", in: "x") }),
      ("keep a generation", { _ = try await store.keep(generation(1), atMost: 1) }),
      ("generations", { _ = try await store.generations() }), ("generation", { _ = try await store.generation(1) }),
    ]
    for (name, call) in calls {
      await expect(.unavailable, .closedRefuses, name, trial, call)
    }
    store.removeObserver(await store.onReady(Trial.queue) {}, of: Trial.queue)
  }
}

/// Who works on what, and what has come of it.
private final class Tally: Sendable {
  struct Result {
    var underWay: Set<Int> = []
    var keys: Set<String> = []
    var shared = 0
    var unordered = 0
    var mixed = 0
    var finished: [Int: Int] = [:]
  }

  private let state = Mutex(Result())

  var result: Result { state.withLock { $0 } }
  var done: Int { state.withLock { $0.finished.count } }

  func begin(_ number: Int, key: String?) {
    state.withLock { state in
      if !state.underWay.insert(number).inserted { state.shared += 1 }
      if let key, !state.keys.insert(key).inserted { state.unordered += 1 }
    }
  }

  func end(_ number: Int, key: String?) {
    state.withLock { state in
      state.underWay.remove(number)
      if let key { state.keys.remove(key) }
    }
  }

  func mix() { state.withLock { $0.mixed += 1 } }
  func finish(_ number: Int) { state.withLock { $0.finished[number, default: 0] += 1 } }
}
