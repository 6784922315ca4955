internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// What stands between the work on a stream, of which one thread reads and the same or another one writes, and the one task
/// that feeds it and takes what it makes. Both sides wait for each other, and neither holds more than about a megabyte for the
/// other.
final class Transfer: Sendable {
  /// What the task has to do next.
  enum Turn: Sendable {
    /// Read a piece for the thread, and `give` it.
    case wantsInput
    /// Take what the thread has made.
    case output([UInt8])
    /// The thread has ended.
    case ended(Result<ProviderReport, Failure>)
  }

  /// The task has gone away.
  struct Abandoned: Error {}

  private struct State {
    var input: [[UInt8]] = []
    var inputBytes = 0
    var inputEnded = false
    var output: [[UInt8]] = []
    var outputBytes = 0
    var result: Result<ProviderReport, Failure>?
    var isAbandoned = false
    var readerWaits = false
    var writerWaits = false
    var task: UnsafeContinuation<Turn, Never>?

    /// What the task has to do; nil where it has to wait.
    mutating func turn() -> Turn? {
      if !output.isEmpty {
        let piece = output.removeFirst()
        outputBytes -= piece.count
        return .output(piece)
      }
      if let result { return .ended(result) }
      return !inputEnded && inputBytes < Transfer.limit ? .wantsInput : nil
    }
  }

  private static let limit = 1 << 20

  private let state = Mutex(State())
  private let readable = Semaphore()
  private let writable = Semaphore()

  // MARK: the threads

  /// The next piece for the thread, empty at the end. Blocks.
  func read() throws(Abandoned) -> [UInt8] {
    while true {
      var piece: [UInt8]?
      var isAbandoned = false
      change { state in
        if state.isAbandoned {
          isAbandoned = true
        } else if !state.input.isEmpty {
          let first = state.input.removeFirst()
          state.inputBytes -= first.count
          piece = first
        } else if state.inputEnded {
          piece = []
        } else {
          state.readerWaits = true
        }
      }
      if isAbandoned { throw Abandoned() }
      if let piece { return piece }
      readable.wait()
    }
  }

  /// Hands over what the thread has made. Blocks as long as the task has enough to take.
  func write(_ piece: [UInt8]) throws(Abandoned) {
    while true {
      var isAbandoned = false
      var isTaken = false
      change { state in
        if state.isAbandoned {
          isAbandoned = true
        } else if state.outputBytes < Self.limit {
          state.output.append(piece)
          state.outputBytes += piece.count
          isTaken = true
        } else {
          state.writerWaits = true
        }
      }
      if isAbandoned { throw Abandoned() }
      if isTaken { return }
      writable.wait()
    }
  }

  /// Says how the thread has ended.
  func end(_ result: Result<ProviderReport, Failure>) { change { $0.result = result } }

  // MARK: the task

  /// What to do next. Being cancelled abandons the work.
  func turn() async -> Turn {
    await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        change { state in state.task = continuation }
      }
    } onCancel: {
      abandon()
    }
  }

  /// Hands a piece to the thread.
  func give(_ piece: [UInt8]) {
    wakeReader { state in
      state.input.append(piece)
      state.inputBytes += piece.count
    }
  }

  /// Says that there are no more pieces.
  func endInput() { wakeReader { $0.inputEnded = true } }

  /// Has the threads give up.
  func abandon() {
    wakeReader { $0.isAbandoned = true }
    let mustWake = state.withLock { state in
      defer { state.writerWaits = false }
      return state.writerWaits
    }
    if mustWake { writable.signal() }
  }

  private func wakeReader(_ body: (inout State) -> Void) {
    let mustWake = state.withLock { state in
      body(&state)
      defer { state.readerWaits = false }
      return state.readerWaits
    }
    if mustWake { readable.signal() }
  }

  /// Changes the state, and lets the task go on where that gave it something to do.
  private func change(_ body: (inout State) -> Void) {
    let next: (UnsafeContinuation<Turn, Never>, Turn, Bool)? = state.withLock { state in
      body(&state)
      guard let task = state.task, let turn = state.turn() else { return nil }
      state.task = nil
      // What was taken makes room for a thread that waits for it.
      guard case .output = turn else { return (task, turn, false) }
      defer { state.writerWaits = false }
      return (task, turn, state.writerWaits)
    }
    guard let (task, turn, mustWake) = next else { return }
    if mustWake { writable.signal() }
    task.resume(returning: turn)
  }
}
