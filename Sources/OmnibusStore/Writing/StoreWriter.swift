internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// The one thread that works on the database. All that waits when it looks is one turn: what is written in it is one
/// transaction with one sync, so many callers share it.
final class StoreWriter: Sendable {
  /// At most so many calls wait, of at most so many bytes, beyond the turn that is done; more are refused.
  static let mostWaiting = 1 << 16
  static let mostBytes = 64 << 20
  /// A turn takes calls up to about so many bytes.
  static let bytesOfTurn = 8 << 20
  /// What a call takes beside its own bytes, about.
  private static let overhead = 256

  private struct State {
    var waiting: [any StoreOperation] = []
    var bytes = 0
    var isAsleep = false
    /// Whether the clock is to be looked at.
    var isRung = false
    var isClosed = false
    var hasEnded = false
    var closers: [UnsafeContinuation<Void, Never>] = []
  }

  /// How many transactions were committed.
  let commits = Atomic<Int>(0)
  private let state = Mutex(State())
  private let work = Semaphore()

  /// Starts the thread, which works on `core` and nobody else does from now on.
  func start(_ core: sending StoreCore) throws(Failure) {
    let box = Handover(core)
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

  /// Appends a message to a queue, and returns when it is synced.
  func append(_ record: [UInt8], _ entry: QueueEntry, to queue: String) async throws {
    try await withUnsafeThrowingContinuation { continuation in
      submit(StoreAppend(record, entry, to: queue, continuation))
    }
  }

  /// Lets the thread look at the clock.
  func wake() {
    let isAsleep = state.withLock { state in
      state.isRung = true
      defer { state.isAsleep = false }
      return state.isAsleep
    }
    if isAsleep { work.signal() }
  }

  /// Ends the thread when all that waits is done; later calls are refused. Does not wait for it.
  func stop() {
    state.withLock { $0.isClosed = true }
    wake()
  }

  /// Ends the thread, and waits until the database is closed.
  func close() async {
    stop()
    await withUnsafeContinuation { continuation in
      let hasEnded = state.withLock { state in
        if !state.hasEnded { state.closers.append(continuation) }
        return state.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  private func submit(_ operation: any StoreOperation) {
    let (isAsleep, refusal) = state.withLock { state -> (Bool, Failure?) in
      guard !state.isClosed else { return (false, Failure(.unavailable, "the store is closed")) }
      guard state.waiting.count < Self.mostWaiting, state.bytes < Self.mostBytes else {
        return (false, Failure(.overloaded, "the store has more to write than it can"))
      }
      state.waiting.append(operation)
      state.bytes += operation.size + Self.overhead
      defer { state.isAsleep = false }
      return (state.isAsleep, nil)
    }
    if let refusal { operation.fail(refusal) }
    if isAsleep { work.signal() }
  }

  // MARK: the thread

  private func serve(_ core: StoreCore) {
    while let turn = next() {
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

  /// What waits, or nothing where only the clock is to be looked at; nil when there is no more to come.
  private func next() -> [any StoreOperation]? {
    while true {
      let turn: [any StoreOperation]?? = state.withLock { state in
        if !state.waiting.isEmpty { return .some(takeTurn(&state)) }
        if state.isClosed { return .some(nil) }
        if state.isRung {
          state.isRung = false
          return .some([])
        }
        state.isAsleep = true
        return nil
      }
      if let turn { return turn }
      work.wait()
    }
  }

  private func takeTurn(_ state: inout State) -> [any StoreOperation] {
    var bytes = 0
    var count = 0
    while count < state.waiting.count, bytes < Self.bytesOfTurn {
      bytes += state.waiting[count].size + Self.overhead
      count += 1
    }
    state.bytes -= bytes
    guard count < state.waiting.count else {
      defer {
        state.waiting = []
        state.waiting.reserveCapacity(count)
      }
      return state.waiting
    }
    defer { state.waiting.removeFirst(count) }
    return Array(state.waiting[..<count])
  }
}
