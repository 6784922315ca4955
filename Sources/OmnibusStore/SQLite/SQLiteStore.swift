public import Omnibus
internal import Synchronization

/// A store in one file of SQLite: what a call has returned from is synced, and callers at the same time share the sync.
/// One process has a folder at a time.
public final class SQLiteStore: Store {
  let writer: StoreWriter
  private let signals: QueueSignals
  private let seal: RecordSeal?
  private let watch: WriteWatch

  /// Whether there is a store in a folder already.
  public static func exists(in directory: String) -> Bool { DataFolder.exists(in: directory) }

  /// Opens the store in a folder, which is made where it is not there. A key of 32 bytes seals what is written from now on.
  /// A failure says what is wrong: another process has the folder, the database is damaged, of a newer version, or
  /// sealed with another key. What it measures of itself is shown by `metrics`.
  public init(
    directory: String, key: [UInt8]? = nil, clock: any EngineClock, metrics: Metrics = Metrics()
  ) throws(Failure) {
    let folder = try DataFolder(directory)
    guard let attempts = AttemptFile(path: folder.attempts) else {
      throw Failure(.unavailable, "\(folder.attempts) cannot be opened")
    }
    let seal = key.flatMap { RecordSeal(key: $0) }
    guard key == nil || seal != nil else { throw Failure(.invalid, "a key for the store has 32 bytes") }
    self.seal = seal
    watch = WriteWatch(metrics)
    let connection = try StoreOpening.open(folder, seal)
    let signals = QueueSignals(clock: clock)
    self.signals = signals
    writer = StoreWriter()
    try writer.start(
      StoreCore(connection, folder, attempts: attempts, clock: clock, seal: seal, signals: signals, watch: watch))
    signals.onTime { [weak writer] in writer?.wake() }
  }

  /// Why the last transaction failed; nil where it did not.
  public var trouble: Failure? { watch.trouble }

  /// How many transactions were committed since it was opened; callers at the same time share one.
  public var commits: Int { writer.commits.load(ordering: .relaxed) }

  deinit {
    signals.end()
    writer.stop()
  }

  /// Finishes what waits, writes the log into the database, and lets go of the folder.
  public func close() async {
    signals.end()
    await writer.close()
  }
}

// MARK: queues

extension SQLiteStore {
  /// Appends a message to a queue.
  public func append(_ entry: QueueEntry, to queue: String) async throws {
    let message = try MessageRecord.kept(entry.message)
    let record = try MessageRecord.encode(message)
    var entry = entry
    entry.message = message
    entry.orderKey = entry.orderKey.map { RecordSeal.mark(ofOrderKey: $0, seal) }
    try await writer.append(record, entry, to: queue)
  }

  /// Leases messages that are ready.
  public func lease(from queue: String, atMost count: Int, for duration: Duration) async throws -> [QueueLease] {
    try await writer.perform(.lease(queue)) { core throws(Failure) in
      try core.lease(from: queue, atMost: count, for: duration)
    }
  }

  /// Makes a lease last longer.
  public func extend(_ lease: QueueLease, for duration: Duration) async throws -> Bool {
    try await writer.perform(.extend) { core throws(Failure) in core.extend(lease, for: duration) }
  }

  /// Removes a message that was worked on.
  public func acknowledge(_ lease: QueueLease) async throws -> Bool {
    try await writer.perform(.write) { core throws(Failure) in try core.remove(lease) }
  }

  /// Gives a message back.
  public func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async throws -> Bool {
    guard delay > .zero else {
      return try await writer.perform(.read) { core throws(Failure) in
        core.releaseNow(lease, countingAttempt: countingAttempt)
      }
    }
    return try await writer.perform(.write) { core throws(Failure) in
      try core.release(lease, after: delay, countingAttempt: countingAttempt)
    }
  }

  /// Makes a leased message a dead letter.
  public func bury(_ lease: QueueLease, as letter: DeadLetter) async throws -> Bool {
    let record = try LetterRecord(letter)
    return try await writer.perform(.write, size: record.size) { core throws(Failure) in
      guard try core.remove(lease) else { return false }
      try core.keep(record)
      return true
    }
  }

  /// Calls `body` when messages of the queue may have become ready.
  public func onReady(_ queue: String, _ body: @escaping @Sendable () -> Void) async -> Int {
    let number = signals.add(body, to: queue)
    // From now on somebody wants to know when leases run out.
    writer.wake()
    return number
  }

  /// Takes an observer back.
  public func removeObserver(_ number: Int, of queue: String) { signals.remove(number, from: queue) }

  /// How one queue stands.
  public func status(of queue: String) async throws -> QueueStatus? {
    try await writer.perform(.read) { core throws(Failure) in
      guard let queue = core.queues[queue] else { return nil }
      return try core.status(of: queue)
    }
  }

  /// How the queues stand.
  public func queues() async throws -> [QueueStatus] {
    try await writer.perform(.read) { core throws(Failure) in try core.statuses() }
  }
}
