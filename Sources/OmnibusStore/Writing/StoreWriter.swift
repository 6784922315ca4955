internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// The one thread that works on the database. All that waits when it looks is one turn: what is written in it is one
/// transaction with one sync, so many callers share it.
final class StoreWriter: Sendable {
  private struct State {
    var hasEnded = false
    var closers: [UnsafeContinuation<Void, Never>] = []
  }

  /// How often something was synced, by this thread or that of the journal.
  let commits = Atomic<Int>(0)
  private let operations = TurnQueue<any StoreOperation>(bytesOfTurn: 8 << 20)
  private let state = Mutex(State())

  /// Starts the thread, which works on `core` and nobody else does from now on.
  func start(_ core: sending StoreCore) throws(Failure) {
    let box = HandedValue(core)
    do {
      try OperatingSystemThread.start(named: "store") { [self] in
        if let core = box.take() { serve(core) }
        // The core is gone, and with it the connection and the folder's lock.
        end()
      }
    } catch {
      throw Failure(.unavailable, "there is no thread for the store: \(error)")
    }
  }

  /// Runs `body` on the thread, and gives its result when what it wrote is synced.
  func perform<Result: Sendable>(
    _ kind: StoreOperationKind, size: Int = 0, _ body: @escaping @Sendable (StoreCore) throws(Failure) -> Result
  ) async throws -> Result {
    try await withUnsafeThrowingContinuation { continuation in
      submit(StoreCall(kind, size: size, continuation, body))
    }
  }

  /// Has an operation done, which is told how that went.
  func submit(_ operation: any StoreOperation) {
    do throws(Failure) {
      try operations.add(operation, size: operation.size)
    } catch {
      operation.fail(error)
    }
  }

  /// Has what is in the journal written into the database, in a while.
  func fill(_ operation: StoreFill) { operations.addQuietly(operation, size: operation.size) }

  /// Lets the thread look at the clock, and do what it may have put off.
  func wake() { operations.ring() }

  /// Ends the thread when all that waits is done; later calls are refused. Does not wait for it.
  func stop() { operations.close() }

  /// Waits until the thread has ended and the database is closed.
  func join() async {
    await withUnsafeContinuation { continuation in
      let hasEnded = state.withLock { state in
        if !state.hasEnded { state.closers.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  // MARK: the thread

  private func serve(_ core: StoreCore) {
    while let turn = operations.next() {
      commits.add(core.take(turn), ordering: .relaxed)
    }
    core.close()
  }

  private func end() {
    let closers = state.withLock { state in
      state.hasEnded = true
      defer { state.closers = [] }
      return state.closers
    }
    for closer in closers { closer.resume() }
  }
}
