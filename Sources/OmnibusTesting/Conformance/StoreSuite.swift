internal import Omnibus
public import OmnibusStore
public import Testing

extension Conformance {
  /// Puts a store through its suite. `make` opens the one that lives in a folder, which is empty the first time, and goes
  /// by a clock; where it `isDurable`, it is closed and opened again with the same folder.
  public static func store(
    _ name: String, isDurable: Bool = false, at place: SourceLocation = #_sourceLocation,
    make: @escaping @Sendable (_ clock: ManualClock, _ directory: String) async throws -> any Store
  ) async {
    let suite = StoreSuite(name: name, isDurable: isDurable, make: make)
    report(await Turns.take { await suite.run() }, at: place)
  }
}

/// What every store is put through.
struct StoreSuite {
  /// A store that is open for one check.
  struct Trial {
    let store: any Store
    let directory: TemporaryDirectory
    let examination: Examination
    var clock: ManualClock { examination.clock }
  }

  let name: String
  var isDurable = false
  let make: @Sendable (ManualClock, String) async throws -> any Store
  let findings = Recorder<Finding>()

  private var checks: [(name: String, body: (Trial) async throws -> Void)] {
    [
      ("messages", messages), ("leases", leases), ("lost leases", lostLeases), ("releasing", releasing),
      ("order keys", orderKeys), ("attempts and keys", attempts), ("effects", effects), ("observers", observers),
      ("status", status), ("burying", burying), ("dead letters", deadLetters), ("a history", history),
      ("letters apart", lettersApart), ("keys", keys), ("generations", generations), ("many at once", manyAtOnce),
      ("effects at once", effectsAtOnce), ("cancelled calls", cancelled), ("hostile names", hostileNames),
      ("streams", streams), ("a closed store", closed), ("hostile bodies", hostileBodies),
    ] + (isDurable ? [("opened again", reopened)] : [])
  }

  /// Runs all checks, or those that it takes to find that `rule` is broken, and gives what they found.
  func run(until rule: Rule? = nil) async -> [Finding] {
    for (name, body) in checks where !findings.all.contains(where: { $0.rule == rule }) { await check(name, body) }
    return findings.all
  }

  private func check(_ name: String, _ body: (Trial) async throws -> Void) async {
    let examination = Examination("store", self.name, [], findings)
    await examination.check(name) {
      let directory = TemporaryDirectory()
      let store = try await make(examination.clock, directory.path)
      do {
        try await body(Trial(store: store, directory: directory, examination: examination))
      } catch {
        await store.close()
        throw error
      }
      await store.close()
    }
  }
}

extension StoreSuite.Trial {
  static let queue = "orders"

  @discardableResult
  func expect(_ condition: Bool, _ rule: Rule, _ found: @autoclosure () -> String) -> Bool {
    examination.expect(condition, rule, found())
  }

  /// A message that says which one it is.
  func message(_ number: Int) -> Message {
    var message = Secret.message(.bytes(Secret.body(number)))
    message.headers["x-number"] = "\(number)"
    return message
  }

  func append(
    _ numbers: [Int], key: String? = nil, delay: Duration = .zero, effect: QueueEntry.Effect? = nil,
    to queue: String = queue
  ) async throws {
    for number in numbers {
      let entry = QueueEntry(message(number), orderKey: key, delay: delay, effect: effect)
      try await store.append(entry, to: queue)
    }
  }

  func lease(_ count: Int = 100, for seconds: Int = 10, from queue: String = queue) async throws -> [QueueLease] {
    try await store.lease(from: queue, atMost: count, for: .seconds(seconds))
  }

  /// Leases one message that has to be there.
  func one(for seconds: Int = 10, from queue: String = queue) async throws -> QueueLease {
    guard let lease = try await lease(1, for: seconds, from: queue).first else {
      throw Failure(.internal, "a message that has to be ready is not leased")
    }
    return lease
  }

  /// How the queue stands.
  func status(of queue: String = queue) async throws -> QueueStatus? {
    try await store.queues().first { $0.name == queue }
  }

  func letter(
    _ id: String, route: String = "orders", kind: Failure.Kind = .invalid, time: Double = 1_700_000_000
  ) -> DeadLetter {
    let attempt = DeadLetter.Attempt(
      time: time, revision: "r1", step: "deliver", component: "rest", kind: kind, reason: "refused", tries: 3)
    return DeadLetter(
      id: id, route: route, message: message(1), size: Secret.body(1).count, received: time - 60, attempts: [attempt])
  }
}

extension [QueueLease] {
  /// Which messages they are.
  var numbers: [Int] { map { $0.message.headers["x-number"].flatMap { Int($0) } ?? -1 } }
}
