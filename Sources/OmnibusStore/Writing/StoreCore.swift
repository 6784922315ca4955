internal import Omnibus
internal import OmnibusReactor

/// What the writer's thread works on: the database, and what is in memory of it. One thread uses it.
final class StoreCore {
  let connection: SQLiteConnection
  let folder: DataFolder
  /// There is one from when the log has become long first.
  private var log: LogKeeper?
  let time: StoreTime
  let seal: RecordSeal?
  let statements: StoreStatements
  let attempts: AttemptFile
  let signals: QueueSignals
  private let watch: WriteWatch
  var queues: [String: LiveQueue] = [:]
  /// Whether deliveries have effects that are remembered.
  var hasEffects: Bool
  var lastToken: UInt64 = 0
  /// Queues in which messages may have become ready in this turn.
  var stirred: Set<String> = []
  /// The time of this turn. What is ready is decided by it alone, so a message is never leased before it was counted as due.
  private(set) var now: Int64
  /// When something happens by itself next: a lease runs out, a message is due.
  var nextMoment: Int64 = .max
  /// What the open transaction changes in memory when it is committed.
  var staged: [StagedChange] = []
  /// The queues whose counts the open transaction changes.
  var touched: [LiveQueue] = []
  private var nextPruning: Int64 = 0
  /// How many keys and effects the open transaction adds.
  var added = 0
  private var commits = 0

  init(
    _ connection: SQLiteConnection, _ folder: DataFolder, attempts: AttemptFile, clock: any EngineClock,
    seal: RecordSeal?, signals: QueueSignals, watch: WriteWatch
  ) throws(Failure) {
    self.connection = connection
    self.folder = folder
    self.attempts = attempts
    self.seal = seal
    self.signals = signals
    self.watch = watch
    time = StoreTime(clock)
    now = time.now
    statements = try StoreStatements(connection)
    hasEffects = try connection.number("SELECT EXISTS (SELECT 1 FROM effect)") == 1
    try takeOverAttempts()
    try findQueues()
  }

  /// Does all that waits, and answers how many transactions that took.
  func take(_ turn: [any StoreOperation]) -> Int {
    commits = 0
    now = time.now
    for operation in turn where operation.kind == .extend { answer(operation) }
    // Where time has brought something, calls that waited come before it, and whoever leases comes after it.
    let isTime = now >= nextMoment
    var writes: [any StoreOperation] = []
    var others: [any StoreOperation] = []
    for operation in turn {
      switch operation.kind {
      case .extend: break
      case .write: writes.append(operation)
      case .lease(let queue) where !isTime && mayBeReady(queue): answer(operation)
      case .lease, .read: others.append(operation)
      }
    }
    if !writes.isEmpty { commit(writes[...]) }
    if isTime { passTime() }
    for operation in others { answer(operation) }
    signals.tell(stirred, wakeAt: nextMoment, by: time)
    stirred.removeAll(keepingCapacity: true)
    if connection.pagesInLog >= LogKeeper.pages { shortenLog() }
    return commits
  }

  /// Writes what is in the log into the database.
  func close() {
    log?.stop()
    try? connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  private func shortenLog() {
    if log == nil { log = try? LogKeeper(StoreOpening.second(folder)) }
    guard let log else { return connection.writeBackLog() }
    log.look(at: connection)
  }

  private func answer(_ operation: any StoreOperation) {
    do throws(Failure) {
      try operation.run(self)
      operation.answer()
    } catch {
      operation.fail(error)
    }
  }

  /// One transaction, and what came of it; nil where it was committed. Where a call in it fails, each is done again in one of
  /// its own, so that only that one fails.
  @discardableResult
  private func commit(_ writes: ArraySlice<any StoreOperation>) -> Failure? {
    let start = MonotonicTime.now
    do throws(Failure) {
      try statements.begin.run()
      for write in writes { try write.run(self) }
      try finish()
      try statements.commit.run()
    } catch {
      undo()
      watch.failed(error)
      // Of what was not synced nobody knows whether it is there.
      if writes.count > 1, error.kind != .outcomeUnknown { commitEach(writes) } else { refuse(writes, error) }
      return error
    }
    commits += 1
    watch.committed(since: start)
    apply()
    for write in writes { write.answer() }
    return nil
  }

  /// A transaction for each. A disk that is full or broken fails many in a row; it is not asked for all of them.
  private func commitEach(_ writes: ArraySlice<any StoreOperation>) {
    var failures = 0
    for place in writes.indices {
      let failure = commit(writes[place...place])
      failures = failure?.isTransient == true ? failures + 1 : 0
      if failures == 8, let failure {
        refuse(writes[(place + 1)...], failure)
        return
      }
    }
  }

  private func refuse(_ writes: ArraySlice<any StoreOperation>, _ failure: Failure) {
    for write in writes { write.fail(failure) }
  }

  private func finish() throws(Failure) {
    for queue in touched { try save(queue) }
    let isTime = now >= nextPruning
    if isTime { nextPruning = now + 1_000_000_000 }
    // Twice as many as come in, so that what is out of date gets less however many come.
    let limit = 2 * added + (isTime ? 256 : 0)
    if limit > 0 { try prune(atMost: Int64(limit)) }
  }

  private func undo() {
    connection.rollBack()
    for queue in touched { if let before = queue.before { (queue.next, queue.depth) = before } }
    for change in staged.reversed() { revert(change) }
    endTransaction()
  }

  private func apply() {
    for change in staged { apply(change) }
    endTransaction()
  }

  private func endTransaction() {
    for queue in touched { queue.before = nil }
    touched.removeAll(keepingCapacity: true)
    staged.removeAll(keepingCapacity: true)
    added = 0
  }

  /// Forgets what is out of date, a bounded part of it at a time.
  private func prune(atMost limit: Int64) throws(Failure) {
    statements.pruneKeys.bind(1, now)
    statements.pruneKeys.bind(2, limit)
    try statements.pruneKeys.run()
    guard hasEffects else { return }
    statements.pruneEffects.bind(1, now)
    statements.pruneEffects.bind(2, limit)
    try statements.pruneEffects.run()
  }
}
