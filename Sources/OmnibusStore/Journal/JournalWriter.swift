internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// The one thread that writes the journal. What waits when it looks shares a sync; then it is handed to the thread of the
/// database, and its callers are told that it is kept.
final class JournalWriter: Sendable {
  /// A message that came, and who waits until it is kept.
  private typealias Waiting = (arrival: Arrival, continuation: UnsafeContinuation<Void, any Error>)

  /// So many messages are worth a transaction of their own.
  private static let transaction = 512
  /// How many milliseconds fewer of them wait for more.
  private static let patience = 10

  private let waiting = TurnQueue<Waiting>(bytesOfTurn: Journal.bytesOfTurn)
  private let writer: StoreWriter
  private let progress: JournalProgress
  private let signals: QueueSignals
  private let watch: WriteWatch

  init(_ writer: StoreWriter, _ progress: JournalProgress, _ signals: QueueSignals, _ watch: WriteWatch) {
    self.writer = writer
    self.progress = progress
    self.signals = signals
    self.watch = watch
  }

  /// Starts the thread, which works on `journal` and nobody else does from now on.
  func start(_ journal: sending Journal) throws(Failure) {
    let box = HandedValue(journal)
    do {
      try OperatingSystemThread.start(named: "store-journal") { [self] in
        if let journal = box.take() { serve(journal) }
        writer.stop()
      }
    } catch {
      writer.stop()
      throw Failure(.unavailable, "there is no thread for the journal of the store: \(error)")
    }
  }

  /// Keeps a message, and resumes `continuation` when it is synced.
  func submit(_ arrival: Arrival, _ continuation: UnsafeContinuation<Void, any Error>) {
    do throws(Failure) {
      try waiting.add((arrival, continuation), size: arrival.record.count)
    } catch {
      continuation.resume(throwing: error)
    }
  }

  /// Ends the thread when all that waits is done, and the writer behind it. Does not wait for it.
  func stop() { waiting.close() }

  // MARK: the thread

  private func serve(_ journal: Journal) {
    var isSynced = true
    // Messages that the thread of the database was given and not woken for.
    var unwoken = 0
    while let turn = waiting.next(within: unwoken > 0 ? Self.patience : nil) {
      if !turn.isEmpty, isSynced { isSynced = keep(turn, in: journal) } else { passOn(turn) }
      unwoken += turn.count
      if turn.isEmpty || unwoken >= Self.transaction || signals.areObserved {
        writer.wake()
        unwoken = 0
      }
    }
  }

  /// Writes messages into the journal, or lets the thread of the database do it where there is no room; false where the
  /// disk does not sync.
  private func keep(_ turn: [Waiting], in journal: Journal) -> Bool {
    let start = MonotonicTime.now
    let arrivals = turn.map(\.arrival)
    guard !progress.isStuck.load(ordering: .relaxed), journal.hasRoom(progress.filled.load(ordering: .acquiring)),
      let last = try? journal.write(arrivals)
    else {
      passOn(turn)
      return true
    }
    guard journal.sync() else {
      writer.submit(StoreFill(unsynced: arrivals, last: last, turn.map(\.continuation)))
      return false
    }
    writer.commits.add(1, ordering: .relaxed)
    watch.synced(since: start)
    // Before its callers know, so that whatever they ask next comes after it.
    writer.fill(StoreFill(arrivals, last: last))
    Handover.together { for waiting in turn { waiting.continuation.resume() } }
    return true
  }

  /// Lets the thread of the database do all of it.
  private func passOn(_ turn: [Waiting]) {
    for waiting in turn { writer.submit(StoreAppend(waiting.arrival, waiting.continuation)) }
  }
}
