import Omnibus
import OmnibusStore
import Testing

@testable import OmnibusTesting

/// Stores that break a rule each: the suite must find it.
@Suite("faulty stores", .serialized)
struct FaultyStoreTests {
  enum Fault: CaseIterable, Sendable {
    case losesHeaders, lastInFirstOut, sharesLeases, neverRunsOut, answersTrue, ignoresHeartbeat, ignoresDelay
    case ignoresOrder, blocksAll, countsEverything, newKeys, doublesEffects, appendsLate, buriesAndKeeps, pagesAgain
    case forgetsHistory, mixesLetters, keysForEver, numbersByCount, countsLeasedTwice, neverTells, tellsAfterRemoval,
      losesUnderLoad
    case appendsCancelled, takesStreams, worksClosed, forgetsAll

    var rule: Rule {
      switch self {
      case .losesHeaders: .keptWhole
      case .lastInFirstOut: .firstInFirstOut
      case .sharesLeases: .leasedOnce
      case .neverRunsOut: .leaseRunsOut
      case .answersTrue: .lostLease
      case .ignoresHeartbeat: .heartbeat
      case .ignoresDelay: .releaseDelays
      case .ignoresOrder: .inOrder
      case .blocksAll: .othersPass
      case .countsEverything: .attemptsCounted
      case .newKeys: .sameKeyAgain
      case .doublesEffects: .effectOnce
      case .appendsLate: .effectEnded
      case .buriesAndKeeps: .buriedWhole
      case .pagesAgain: .lettersListed
      case .forgetsHistory: .lettersMerged
      case .mixesLetters: .lettersApart
      case .keysForEver: .keysExpire
      case .numbersByCount: .generationsNumbered
      case .countsLeasedTwice: .statusRight
      case .neverTells, .tellsAfterRemoval: .tellsReady
      case .losesUnderLoad: .nothingLost
      case .appendsCancelled: .cancelledCall
      case .takesStreams: .streamsRefused
      case .worksClosed: .closedRefuses
      case .forgetsAll: .durable
      }
    }
  }

  @Test("are found out", arguments: Fault.allCases) func foundOut(fault: Fault) async {
    let suite = StoreSuite(name: "faulty", isDurable: fault == .forgetsAll) { clock, _ in
      FaultyStore(inner: MemoryStore(clock: clock), fault: fault)
    }
    let findings = await Examination.$patience.withValue(.milliseconds(400)) { await suite.run(until: fault.rule) }
    #expect(findings.contains { $0.rule == fault.rule }, "\(fault): found \(Set(findings.map(\.rule.name)))")
  }
}

private struct FaultyStore: Store {
  let inner: MemoryStore
  let fault: FaultyStoreTests.Fault
  let appended = Recorder<Bool>()
  let ended = Recorder<String>()

  func close() async { if fault != .worksClosed { await inner.close() } }

  func append(_ entry: QueueEntry, to queue: String) async throws {
    var entry = entry
    appended.append(true)
    switch fault {
    case .losesHeaders: entry.message.headers.remove("x-empty")
    case .ignoresOrder: entry.orderKey = nil
    case .blocksAll: entry.orderKey = "all"
    case .doublesEffects: entry.effect = nil
    case .appendsLate: if let effect = entry.effect, ended.all.contains(effect.delivery) { entry.effect = nil }
    case .losesUnderLoad: if appended.all.count % 100 == 99 { return }
    case .takesStreams: if case .stream = entry.message.body { entry.message.body = .empty }
    case .appendsCancelled:
      try await inner.append(entry, to: queue)
      return try Task.checkCancellation()
    default: break
    }
    try await inner.append(entry, to: queue)
  }

  func lease(from queue: String, atMost count: Int, for duration: Duration) async throws -> [QueueLease] {
    let leases = try await inner.lease(
      from: queue, atMost: count, for: fault == .neverRunsOut ? .seconds(1_000_000) : duration)
    switch fault {
    case .lastInFirstOut: return leases.reversed()
    case .sharesLeases: for lease in leases { _ = try await release(lease, after: .zero, countingAttempt: true) }
    case .newKeys: return leases.map(renamed)
    default: break
    }
    return leases
  }

  private func renamed(_ lease: QueueLease) -> QueueLease {
    var message = lease.message
    let former = message.delivery
    message.delivery = Delivery(
      key: "\(former?.key ?? "") \(lease.token)", attempt: former?.attempt ?? 1, received: former?.received ?? 0)
    return QueueLease(
      queue: lease.queue, sequence: lease.sequence, token: lease.token, message: message, orderKey: lease.orderKey)
  }

  func extend(_ lease: QueueLease, for duration: Duration) async throws -> Bool {
    if fault == .ignoresHeartbeat { return true }
    return try await inner.extend(lease, for: duration) || fault == .answersTrue
  }

  func acknowledge(_ lease: QueueLease) async throws -> Bool {
    let isHeld = try await inner.acknowledge(lease)
    if isHeld, let key = lease.message.delivery?.key { ended.append(key) }
    return isHeld || fault == .answersTrue
  }

  func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async throws -> Bool {
    try await inner.release(
      lease, after: fault == .ignoresDelay ? .zero : delay,
      countingAttempt: countingAttempt || fault == .countsEverything)
  }

  func bury(_ lease: QueueLease, as letter: DeadLetter) async throws -> Bool {
    guard fault == .buriesAndKeeps else { return try await inner.bury(lease, as: letter) }
    try await inner.keep(letter)
    return try await inner.acknowledge(lease)
  }

  func onReady(_ queue: String, _ body: @escaping @Sendable () -> Void) async -> Int {
    await inner.onReady(queue) { if fault != .neverTells { body() } }
  }

  func removeObserver(_ number: Int, of queue: String) {
    if fault != .tellsAfterRemoval { inner.removeObserver(number, of: queue) }
  }

  func queues() async throws -> [QueueStatus] {
    try await inner.queues().map { status in
      var status = status
      if fault == .countsLeasedTwice { status.delayed += status.leased }
      return status
    }
  }

  func keep(_ letter: DeadLetter) async throws {
    if fault == .forgetsHistory { _ = try await inner.removeDeadLetter(letter.id) }
    var letter = letter
    if fault == .mixesLetters, let former = try await inner.deadLetter(letter.id, withBody: true) {
      letter.message = former.message
    }
    try await inner.keep(letter)
  }

  func deadLetters(_ filter: DeadLetterFilter, after: String?, limit: Int) async throws -> [DeadLetter] {
    var after = after
    if fault == .pagesAgain, let id = after, try await inner.deadLetter(id, withBody: true) == nil { after = nil }
    return try await inner.deadLetters(filter, after: after, limit: limit)
  }

  func deadLetter(_ id: String, withBody: Bool) async throws -> DeadLetter? {
    try await inner.deadLetter(id, withBody: withBody)
  }
  func removeDeadLetter(_ id: String) async throws -> Bool { try await inner.removeDeadLetter(id) }
  func removeDeadLetter(_ letter: DeadLetter) async throws -> Bool { try await inner.removeDeadLetter(letter) }
  func deadLetterCounts() async throws -> [String: Int] { try await inner.deadLetterCounts() }

  func remembers(_ key: String, in scope: String) async throws -> Bool { try await inner.remembers(key, in: scope) }

  func remember(_ key: String, in scope: String, for duration: Duration) async throws {
    try await inner.remember(key, in: scope, for: fault == .keysForEver ? .seconds(1_000_000) : duration)
  }

  func forget(_ key: String, in scope: String) async throws { try await inner.forget(key, in: scope) }

  func keep(_ generation: StoredGeneration, atMost limit: Int) async throws -> Int {
    let number = try await inner.keep(generation, atMost: limit)
    return fault == .numbersByCount ? min(number, limit) : number
  }

  func generations() async throws -> [StoredGeneration] { try await inner.generations() }
  func generation(_ number: Int) async throws -> StoredGeneration? { try await inner.generation(number) }
}
