public import Omnibus
public import OmnibusStore
internal import Synchronization

/// A store that does what a test says, call by call: works, fails, waits or hangs; and else what the store within does.
public final class FlakyStore: Store {
  /// The calls of queues; those of dead letters, keys and generations are `other`.
  public enum Call: Sendable, CaseIterable {
    case append, lease, extend, acknowledge, release, bury, other
  }

  /// What becomes of a call.
  public enum Outcome: Sendable {
    /// It is done.
    case succeed
    /// It fails with this kind, and nothing is done.
    case fail(Failure.Kind)
    /// It is done, and its answer is lost: it fails as `outcome_unknown`.
    case loseAnswer
    /// It is done once the signal is given; being cancelled ends that.
    case wait(StopSignal)
    /// It waits until it is cancelled.
    case hang
  }

  /// The calls so far.
  public let calls = Recorder<Call>()
  private let inner: any Store
  private let outcomes = Mutex<[Call: Outcome]>([:])

  /// A store that does what `inner` does until it is told otherwise.
  public init(_ inner: any Store) { self.inner = inner }

  /// Lets calls end so from now on; all of them unless it says which.
  public func become(_ outcome: Outcome, on calls: [Call] = Call.allCases) {
    outcomes.withLock { outcomes in
      for call in calls { outcomes[call] = outcome }
    }
  }

  private func run<Result>(_ call: Call, _ body: () async throws -> Result) async throws -> Result {
    calls.append(call)
    switch outcomes.withLock({ $0[call] }) ?? .succeed {
    case .succeed: return try await body()
    case .fail(let kind): throw Failure(kind, "the test wants it so")
    case .loseAnswer:
      _ = try await body()
      throw Failure(.outcomeUnknown, "the test wants it so")
    case .wait(let signal):
      await signal.wait()
      try Task.checkCancellation()
      return try await body()
    case .hang:
      await StopSignal().wait()
      throw CancellationError()
    }
  }

  /// A failure while appends fail.
  public var trouble: Failure? {
    guard case .fail(let kind) = outcomes.withLock({ $0[.append] }) else { return nil }
    return Failure(kind, "the test wants it so")
  }

  /// Closes the store within.
  public func close() async { await inner.close() }
}

// MARK: queues

extension FlakyStore {
  /// As the store within.
  public func append(_ entry: QueueEntry, to queue: String) async throws {
    try await run(.append) { try await inner.append(entry, to: queue) }
  }

  /// As the store within.
  public func lease(from queue: String, atMost count: Int, for duration: Duration) async throws -> [QueueLease] {
    try await run(.lease) { try await inner.lease(from: queue, atMost: count, for: duration) }
  }

  /// As the store within.
  public func extend(_ lease: QueueLease, for duration: Duration) async throws -> Bool {
    try await run(.extend) { try await inner.extend(lease, for: duration) }
  }

  /// As the store within.
  public func acknowledge(_ lease: QueueLease) async throws -> Bool {
    try await run(.acknowledge) { try await inner.acknowledge(lease) }
  }

  /// As the store within.
  public func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async throws -> Bool {
    try await run(.release) { try await inner.release(lease, after: delay, countingAttempt: countingAttempt) }
  }

  /// As the store within.
  public func bury(_ lease: QueueLease, as letter: DeadLetter) async throws -> Bool {
    try await run(.bury) { try await inner.bury(lease, as: letter) }
  }

  /// As the store within.
  public func onReady(_ queue: String, _ body: @escaping @Sendable () -> Void) async -> Int {
    await inner.onReady(queue, body)
  }

  /// As the store within.
  public func removeObserver(_ number: Int, of queue: String) { inner.removeObserver(number, of: queue) }

  /// As the store within.
  public func queues() async throws -> [QueueStatus] { try await run(.other) { try await inner.queues() } }
}

// MARK: dead letters, keys and generations

extension FlakyStore {
  /// As the store within.
  public func keep(_ letter: DeadLetter) async throws { try await run(.other) { try await inner.keep(letter) } }

  /// As the store within.
  public func deadLetters(_ filter: DeadLetterFilter, after: String?, limit: Int) async throws -> [DeadLetter] {
    try await run(.other) { try await inner.deadLetters(filter, after: after, limit: limit) }
  }

  /// As the store within.
  public func deadLetter(_ id: String, withBody: Bool) async throws -> DeadLetter? {
    try await run(.other) { try await inner.deadLetter(id, withBody: withBody) }
  }

  /// As the store within.
  public func removeDeadLetter(_ id: String) async throws -> Bool {
    try await run(.other) { try await inner.removeDeadLetter(id) }
  }

  /// As the store within.
  public func removeDeadLetter(_ letter: DeadLetter) async throws -> Bool {
    try await run(.other) { try await inner.removeDeadLetter(letter) }
  }

  /// As the store within.
  public func deadLetterCounts() async throws -> [String: Int] {
    try await run(.other) { try await inner.deadLetterCounts() }
  }

  /// As the store within.
  public func remembers(_ key: String, in scope: String) async throws -> Bool {
    try await run(.other) { try await inner.remembers(key, in: scope) }
  }

  /// As the store within.
  public func remember(_ key: String, in scope: String, for duration: Duration) async throws {
    try await run(.other) { try await inner.remember(key, in: scope, for: duration) }
  }

  /// As the store within.
  public func forget(_ key: String, in scope: String) async throws {
    try await run(.other) { try await inner.forget(key, in: scope) }
  }

  /// As the store within.
  public func keep(_ generation: StoredGeneration, atMost limit: Int) async throws -> Int {
    try await run(.other) { try await inner.keep(generation, atMost: limit) }
  }

  /// As the store within.
  public func generations() async throws -> [StoredGeneration] {
    try await run(.other) { try await inner.generations() }
  }

  /// As the store within.
  public func generation(_ number: Int) async throws -> StoredGeneration? {
    try await run(.other) { try await inner.generation(number) }
  }
}
