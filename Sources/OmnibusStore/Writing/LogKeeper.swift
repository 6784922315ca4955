internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Keeps the log of the database short, with commits going on: another thread writes most of it back through a connection
/// of its own, and the writer what has come meanwhile, so that the log begins anew.
final class LogKeeper: Sendable {
  /// A log of so many pages is written back.
  static let pages = 4000

  /// Where the other thread is.
  private enum Phase { case idle, writing, written, ended }

  private struct State {
    var phase = Phase.idle
    var isStopped = false
    var waiter: Semaphore?
  }

  private let state = Mutex(State())
  private let work = Semaphore()

  /// Starts the thread, which nobody else than it uses `connection` with.
  init(_ connection: sending SQLiteConnection) throws(Failure) {
    let box = Handover(connection)
    do {
      try OperatingSystemThread.start(named: "store-log") { [self] in
        if let connection = box.take() { serve(connection) }
        end()
      }
    } catch {
      throw Failure(.unavailable, "there is no thread for the log of the store: \(error)")
    }
  }

  /// Called by the writer between its transactions, while the log is long.
  func look(at connection: SQLiteConnection) {
    let (isDone, isIdle) = state.withLock { state in
      let phase = state.phase
      if phase == .idle { state.phase = .writing }
      if phase == .written { state.phase = .idle }
      return (phase == .written, phase == .idle)
    }
    if isIdle { work.signal() }
    // Whoever is faster than the disk waits here for what is left.
    if isDone { connection.writeBackLog() }
  }

  /// Ends the thread, and waits until it has let go of its connection.
  func stop() {
    let waiter = Semaphore()
    let hasEnded = state.withLock { state in
      state.isStopped = true
      state.waiter = waiter
      return state.phase == .ended
    }
    guard !hasEnded else { return }
    work.signal()
    waiter.wait()
  }

  private func serve(_ connection: SQLiteConnection) {
    while true {
      work.wait()
      if state.withLock({ $0.isStopped }) { return }
      // What came in during the first pass is written by the second, so that little is left to the writer.
      connection.writeBackLog()
      connection.writeBackLog()
      state.withLock { $0.phase = .written }
    }
  }

  private func end() {
    let waiter = state.withLock { state in
      state.phase = .ended
      return state.waiter
    }
    waiter?.signal()
  }
}
