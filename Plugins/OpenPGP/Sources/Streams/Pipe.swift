internal import OmnibusReactor
internal import Synchronization

/// Pieces on their way from one thread to another. Both wait for each other, and no more than some pieces are between them.
final class Pipe: Sendable {
  private struct State {
    var pieces: [[UInt8]] = []
    var hasEnded = false
    var hasFailed = false
    var isAbandoned = false
    var readerWaits = false
    var writerWaits = false
  }

  private static let limit = 8

  private let state = Mutex(State())
  private let readable = Semaphore()
  private let writable = Semaphore()

  /// Hands over a piece that is not empty; false where nobody reads any more. Blocks while there are enough.
  func write(_ piece: [UInt8]) -> Bool {
    while true {
      enum Step { case done(Bool), wait }
      let (step, mustWake) = state.withLock { state -> (Step, Bool) in
        if state.isAbandoned { return (.done(false), false) }
        guard state.pieces.count < Self.limit else {
          state.writerWaits = true
          return (.wait, false)
        }
        state.pieces.append(piece)
        defer { state.readerWaits = false }
        return (.done(true), state.readerWaits)
      }
      if mustWake { readable.signal() }
      if case .done(let isTaken) = step { return isTaken }
      writable.wait()
    }
  }

  /// The next piece, empty at the end; nil where the writer has failed. Blocks.
  func read() -> [UInt8]? {
    while true {
      enum Step { case done([UInt8]?), wait }
      let (step, mustWake) = state.withLock { state -> (Step, Bool) in
        if state.hasFailed { return (.done(nil), false) }
        guard !state.pieces.isEmpty else {
          if state.hasEnded { return (.done([]), false) }
          state.readerWaits = true
          return (.wait, false)
        }
        let piece = state.pieces.removeFirst()
        // Woken when half of them are gone, not for each.
        guard state.writerWaits, state.pieces.count <= Self.limit / 2 else { return (.done(piece), false) }
        state.writerWaits = false
        return (.done(piece), true)
      }
      if mustWake { writable.signal() }
      if case .done(let piece) = step { return piece }
      readable.wait()
    }
  }

  /// Says that there are no more pieces.
  func end() { tellReader { $0.hasEnded = true } }

  /// Says that there are no more pieces because the writer could not go on.
  func fail() { tellReader { $0.hasFailed = true } }

  /// Says that nobody reads any more.
  func abandon() {
    let mustWake = state.withLock { state in
      state.isAbandoned = true
      state.pieces = []
      defer { state.writerWaits = false }
      return state.writerWaits
    }
    if mustWake { writable.signal() }
  }

  private func tellReader(_ body: (inout State) -> Void) {
    let mustWake = state.withLock { state in
      body(&state)
      defer { state.readerWaits = false }
      return state.readerWaits
    }
    if mustWake { readable.signal() }
  }
}
