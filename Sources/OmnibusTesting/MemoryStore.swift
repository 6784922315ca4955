public import Omnibus
internal import OmnibusReactor
public import OmnibusStore
internal import Synchronization

/// A store that keeps everything in memory, by a clock of the test: the exact promises of `Store`, but that it ends with the
/// process.
public final class MemoryStore: Store {
  private struct State {
    var queues: [String: MemoryQueue] = [:]
    var timers: [String: (moment: UInt64, action: ScheduledAction)] = [:]
    var effects: [String: Set<String>] = [:]
    var letters: [String: DeadLetter] = [:]
    var keys: [[String]: Double] = [:]
    var generations: [StoredGeneration] = []
    var lastGeneration = 0
    var lastToken: UInt64 = 0
    var lastObserver = 0
    var isClosed = false
  }

  private let clock: any EngineClock
  private let state = Mutex(State())

  /// An empty store whose leases, delays and keys go by `clock`.
  public init(clock: any EngineClock = ManualClock()) { self.clock = clock }

  /// Later calls are refused.
  public func close() async {
    let timers = state.withLock { state in
      state.isClosed = true
      for name in state.queues.keys { state.queues[name]?.observers = [:] }
      defer { state.timers = [:] }
      return Array(state.timers.values)
    }
    for timer in timers { timer.action.cancel() }
  }

  private func change<Result>(_ body: (inout sending State) throws(Failure) -> sending Result) throws(Failure) -> Result
  {
    try state.withLock { state throws(Failure) in
      guard !state.isClosed else { throw Failure(.unavailable, "the store is closed") }
      return try body(&state)
    }
  }

  /// Changes a queue, and calls its observers when `body` answers that messages may have become ready.
  private func change<Result>(
    _ name: String, _ body: (inout State, inout MemoryQueue) -> (result: Result, isReady: Bool)
  ) throws(Failure) -> Result {
    let (result, observers) = try change { state -> (Result, [@Sendable () -> Void]) in
      var queue = state.queues.removeValue(forKey: name) ?? MemoryQueue(name: name)
      let (result, isReady) = body(&state, &queue)
      arm(queue, &state)
      state.queues[name] = queue
      return (result, isReady ? Array(queue.observers.values) : [])
    }
    for observer in observers { observer() }
    return result
  }

  /// Lets the clock call when something becomes ready by itself; only where somebody wants to know.
  private func arm(_ queue: MemoryQueue, _ state: inout State) {
    let moment = queue.observers.isEmpty ? nil : queue.nextMoment
    guard moment != state.timers[queue.name]?.moment else { return }
    state.timers.removeValue(forKey: queue.name)?.action.cancel()
    guard let moment else { return }
    let name = queue.name
    let now = clock.now
    let delay = Duration.nanoseconds(Int64(clamping: moment - min(moment, now)))
    state.timers[name] = (moment, clock.schedule(after: delay) { [weak self] in self?.wake(name) })
  }

  private func wake(_ name: String) {
    try? change(name) { state, queue in
      state.timers[name] = nil
      queue.pass(clock.now)
      return ((), true)
    }
  }

  /// A message as stores keep it: without properties, documents as bytes.
  private func kept(_ message: Message) throws(Failure) -> Message {
    let body: Body
    switch message.body {
    case .empty, .bytes: body = message.body
    case .document(let document): body = .bytes(try document.serialize())
    case .stream: throw Failure(.invalid, "a stream cannot be kept in a store, its bytes can")
    }
    return Message(id: message.id, headers: message.headers, body: body)
  }

  private func later(_ duration: Duration) -> UInt64 {
    let (sum, isTooLate) = clock.now.addingReportingOverflow(duration.nanosecondsClamped)
    return isTooLate ? .max : sum
  }
}

// MARK: queues

extension MemoryStore {
  /// Appends a message.
  public func append(_ entry: QueueEntry, to queue: String) async throws {
    let message = try kept(entry.message)
    try change(queue) { state, queue in
      if let effect = entry.effect {
        guard isUnderWay(effect.delivery, queue, state) else { return ((), false) }
        guard state.effects[effect.delivery, default: []].insert(effect.name).inserted else { return ((), false) }
      }
      queue.append(
        message, entry.orderKey, appended: clock.wallTime, due: later(entry.delay), at: clock.now)
      return ((), entry.delay <= .zero)
    }
  }

  /// Leases what is ready.
  public func lease(from queue: String, atMost count: Int, for duration: Duration) async throws -> [QueueLease] {
    let isKnown = try change { $0.queues[queue] != nil }
    guard isKnown else { return [] }
    return try change(queue) { state, queue in
      let leases = queue.lease(atMost: count, until: later(duration), at: clock.now) {
        state.lastToken += 1
        return state.lastToken
      }
      return (leases, false)
    }
  }

  /// Makes a lease last longer.
  public func extend(_ lease: QueueLease, for duration: Duration) async throws -> Bool {
    try change(lease.queue) { _, queue in (queue.extend(lease, until: later(duration)), false) }
  }

  /// Removes a message that was worked on.
  public func acknowledge(_ lease: QueueLease) async throws -> Bool {
    try change(lease.queue) { state, queue in
      let isRemoved = queue.remove(lease)
      if isRemoved { forgetEffects(of: lease, &state) }
      return (isRemoved, isRemoved && lease.orderKey != nil)
    }
  }

  /// Gives a message back.
  public func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async throws -> Bool {
    try change(lease.queue) { _, queue in
      let due = later(delay)
      let isReleased = queue.release(lease, due: due, countingAttempt: countingAttempt, at: clock.now)
      return (isReleased, isReleased && delay <= .zero)
    }
  }

  /// Makes a leased message a dead letter.
  public func bury(_ lease: QueueLease, as letter: DeadLetter) async throws -> Bool {
    let letter = try kept(letter)
    return try change(lease.queue) { state, queue in
      let isRemoved = queue.remove(lease)
      if isRemoved {
        keep(letter, &state)
        forgetEffects(of: lease, &state)
      }
      return (isRemoved, isRemoved && lease.orderKey != nil)
    }
  }

  /// Whether the message of a delivery is in its queue still; true for deliveries of other sources.
  private func isUnderWay(_ delivery: String, _ queue: MemoryQueue, _ state: State) -> Bool {
    guard delivery.hasPrefix("queue ") else { return true }
    let place = delivery.dropFirst(6)
    guard let space = place.lastIndex(of: " "), let sequence = Int64(place[place.index(after: space)...]) else {
      return false
    }
    let name = String(place[..<space])
    return (name == queue.name ? queue : state.queues[name])?.holds(sequence) == true
  }

  private func forgetEffects(of lease: QueueLease, _ state: inout State) {
    if let key = lease.message.delivery?.key { state.effects[key] = nil }
  }

  /// Calls `body` when messages of the queue may have become ready.
  public func onReady(_ queue: String, _ body: @escaping @Sendable () -> Void) async -> Int {
    let number = try? change(queue) { state, queue in
      state.lastObserver += 1
      queue.observers[state.lastObserver] = body
      return (state.lastObserver, false)
    }
    return number ?? 0
  }

  /// Takes an observer back.
  public func removeObserver(_ number: Int, of queue: String) {
    try? change(queue) { _, queue in
      queue.observers[number] = nil
      return ((), false)
    }
  }

  /// The messages in a queue, in their order, whoever has them.
  public func messages(in queue: String) -> [Message] { state.withLock { $0.queues[queue]?.messages ?? [] } }

  /// How the queues stand.
  public func queues() async throws -> [QueueStatus] {
    try change { state in state.queues.values.map { $0.status(at: clock.now) } }.sorted { $0.name < $1.name }
  }
}

// MARK: dead letters

extension MemoryStore {
  private func kept(_ letter: DeadLetter) throws(Failure) -> DeadLetter {
    let properties = letter.message.properties
    var letter = letter
    letter.message = try kept(letter.message)
    letter.message.properties = properties
    return letter
  }

  private func keep(_ letter: DeadLetter, _ state: inout State) {
    var letter = letter
    let id = letter.id
    var number = 1
    while let former = state.letters[letter.id] {
      guard !former.isOfSameMessage(as: letter) else {
        letter.attempts = former.attempts + letter.attempts
        letter.received = min(former.received, letter.received)
        break
      }
      number += 1
      letter.id = "\(id)#\(number)"
    }
    state.letters[letter.id] = letter
  }

  /// Keeps a letter.
  public func keep(_ letter: DeadLetter) async throws {
    let letter = try kept(letter)
    try change { state in keep(letter, &state) }
  }

  /// The letters that `filter` lets through.
  public func deadLetters(_ filter: DeadLetterFilter, after: String?, limit: Int) async throws -> [DeadLetter] {
    let letters = try change { state in state.letters.values.filter { $0.passes(filter) } }
    let behind = letters.filter { letter in after.map { letter.id.utf8.lexicographicallyPrecedes($0.utf8) } != true }
      .filter { $0.id != after }.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
    return behind.prefix(max(limit, 0)).map(\.metadata)
  }

  /// A letter.
  public func deadLetter(_ id: String, withBody: Bool) async throws -> DeadLetter? {
    let letter = try change { $0.letters[id] }
    return withBody ? letter : letter?.metadata
  }

  /// Removes a letter.
  public func removeDeadLetter(_ id: String) async throws -> Bool {
    try change { $0.letters.removeValue(forKey: id) != nil }
  }

  /// Removes a letter that is as it was read.
  public func removeDeadLetter(_ letter: DeadLetter) async throws -> Bool {
    try change { state in
      guard state.letters[letter.id]?.attempts == letter.attempts else { return false }
      state.letters[letter.id] = nil
      return true
    }
  }

  /// How many letters are kept, by route.
  public func deadLetterCounts() async throws -> [String: Int] {
    try change { state in state.letters.values.reduce(into: [:]) { $0[$1.route, default: 0] += 1 } }
  }
}

extension DeadLetter {
  /// Without body and properties of the message.
  fileprivate var metadata: DeadLetter {
    var letter = self
    letter.message.body = .empty
    letter.message.properties = Properties()
    return letter
  }

  fileprivate func passes(_ filter: DeadLetterFilter) -> Bool {
    if let route = filter.route, route != self.route { return false }
    if let kind = filter.kind, attempts.last?.kind != kind { return false }
    let time = attempts.last?.time ?? received
    return time >= filter.since ?? -.infinity && time < filter.before ?? .infinity
  }
}

// MARK: keys and generations

extension MemoryStore {
  /// Whether a key is remembered.
  public func remembers(_ key: String, in scope: String) async throws -> Bool {
    try change { state in
      guard let end = state.keys[[scope, key]] else { return false }
      if end <= clock.wallTime { state.keys[[scope, key]] = nil }
      return end > clock.wallTime
    }
  }

  /// Remembers a key.
  public func remember(_ key: String, in scope: String, for duration: Duration) async throws {
    try change { $0.keys[[scope, key]] = clock.wallTime + duration / .seconds(1) }
  }

  /// Forgets a key.
  public func forget(_ key: String, in scope: String) async throws { try change { $0.keys[[scope, key]] = nil } }

  /// Keeps a generation.
  public func keep(_ generation: StoredGeneration, atMost limit: Int) async throws -> Int {
    try change { state in
      state.lastGeneration += 1
      var generation = generation
      generation.number = state.lastGeneration
      state.generations.append(generation)
      state.generations.removeFirst(max(state.generations.count - max(limit, 0), 0))
      return state.lastGeneration
    }
  }

  /// The generations that are kept, newest first.
  public func generations() async throws -> [StoredGeneration] {
    try change { $0.generations }.reversed().map { generation in
      var generation = generation
      generation.files = []
      return generation
    }
  }

  /// A generation with its files.
  public func generation(_ number: Int) async throws -> StoredGeneration? {
    try change { state in state.generations.first { $0.number == number } }
  }
}
