import Omnibus
import OmnibusStore
import OmnibusTesting
import Synchronization

/// A store in memory that fails, or takes its time, where a test wants it to.
final class FaultyStore: Store {
  /// Calls that can be disturbed.
  enum Call: Hashable { case keep, remembers, remember }

  private struct State {
    var failures: [Call: Failure.Kind] = [:]
    var holds: [Call: StopSignal] = [:]
  }

  let memory: MemoryStore
  /// The calls that were held, as they came.
  let held = Recorder<Call>()
  private let state = Mutex(State())

  init(clock: any EngineClock) { memory = MemoryStore(clock: clock) }

  func fail(_ call: Call, _ kind: Failure.Kind?) { state.withLock { $0.failures[call] = kind } }

  /// Lets the call wait until the signal is given.
  func hold(_ call: Call, until signal: StopSignal) { state.withLock { $0.holds[call] = signal } }

  private func pass(_ call: Call) async throws {
    let (kind, hold) = state.withLock { ($0.failures[call], $0.holds[call]) }
    if let hold {
      held.append(call)
      await hold.wait()
    }
    if let kind { throw Failure(kind, "the test wants it so") }
  }

  func keep(_ letter: DeadLetter) async throws {
    try await pass(.keep)
    try await memory.keep(letter)
  }
  func remembers(_ key: String, in scope: String) async throws -> Bool {
    try await pass(.remembers)
    return try await memory.remembers(key, in: scope)
  }
  func remember(_ key: String, in scope: String, for duration: Duration) async throws {
    try await pass(.remember)
    try await memory.remember(key, in: scope, for: duration)
  }

  func close() async { await memory.close() }
  func append(_ entry: QueueEntry, to queue: String) async throws { try await memory.append(entry, to: queue) }
  func lease(from queue: String, atMost count: Int, for duration: Duration) async throws -> [QueueLease] {
    try await memory.lease(from: queue, atMost: count, for: duration)
  }
  func extend(_ lease: QueueLease, for duration: Duration) async throws -> Bool {
    try await memory.extend(lease, for: duration)
  }
  func acknowledge(_ lease: QueueLease) async throws -> Bool { try await memory.acknowledge(lease) }
  func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async throws -> Bool {
    try await memory.release(lease, after: delay, countingAttempt: countingAttempt)
  }
  func bury(_ lease: QueueLease, as letter: DeadLetter) async throws -> Bool {
    try await memory.bury(lease, as: letter)
  }
  func onReady(_ queue: String, _ body: @escaping @Sendable () -> Void) async -> Int {
    await memory.onReady(queue, body)
  }
  func removeObserver(_ number: Int, of queue: String) { memory.removeObserver(number, of: queue) }
  func queues() async throws -> [QueueStatus] { try await memory.queues() }
  func deadLetters(_ filter: DeadLetterFilter, after: String?, limit: Int) async throws -> [DeadLetter] {
    try await memory.deadLetters(filter, after: after, limit: limit)
  }
  func deadLetter(_ id: String, withBody: Bool) async throws -> DeadLetter? {
    try await memory.deadLetter(id, withBody: withBody)
  }
  func removeDeadLetter(_ id: String) async throws -> Bool { try await memory.removeDeadLetter(id) }
  func removeDeadLetter(_ letter: DeadLetter) async throws -> Bool { try await memory.removeDeadLetter(letter) }
  func deadLetterCounts() async throws -> [String: Int] { try await memory.deadLetterCounts() }
  func forget(_ key: String, in scope: String) async throws { try await memory.forget(key, in: scope) }
  func keep(_ generation: StoredGeneration, atMost limit: Int) async throws -> Int {
    try await memory.keep(generation, atMost: limit)
  }
  func generations() async throws -> [StoredGeneration] { try await memory.generations() }
  func generation(_ number: Int) async throws -> StoredGeneration? { try await memory.generation(number) }
}
