internal import Omnibus
internal import Synchronization

/// The body of a request between the connection, which pushes, and the handler, which reads. Holds a bounded amount:
/// when it is full the connection stops reading.
final class RequestStream: Sendable {
  /// Bytes from which on the connection is to wait.
  static let capacity = 256 << 10
  /// Pieces are put together up to this size: a client that sends byte by byte would have each take a hundred.
  private static let pieceSize = 16 << 10

  private enum End {
    case finished
    case failed(Failure)
  }

  private struct State {
    var pieces: [[UInt8]] = []
    var bytes = 0
    var end: End?
    var isPaused = false
    var reader: UnsafeContinuation<Result<[UInt8]?, any Error>, Never>?
  }

  private let state = Mutex(State())
  private let onRoom: @Sendable () -> Void

  /// A stream that calls `onRoom`, on any thread, when it was full and there is room again.
  init(onRoom: @escaping @Sendable () -> Void) { self.onRoom = onRoom }

  /// Adds a piece.
  func push(_ piece: [UInt8]) {
    let reader = state.withLock { state in
      if let reader = state.reader {
        state.reader = nil
        return reader as UnsafeContinuation<Result<[UInt8]?, any Error>, Never>?
      }
      if let last = state.pieces.indices.last, state.pieces[last].count + piece.count <= Self.pieceSize {
        state.pieces[last].append(contentsOf: piece)
      } else {
        state.pieces.append(piece)
      }
      state.bytes += piece.count
      return nil
    }
    reader?.resume(returning: .success(piece))
  }

  /// How many pieces are held, for tests.
  var pieceCount: Int { state.withLock { $0.pieces.count } }

  /// Whether the stream is full; if so, `onRoom` will be called.
  func pauseIfFull() -> Bool {
    state.withLock { state in
      state.isPaused = state.bytes >= Self.capacity && state.end == nil
      return state.isPaused
    }
  }

  /// Ends the stream after what was pushed.
  func finish() { end(.finished) }

  /// Breaks the stream after what was pushed. The first end counts.
  func fail(_ failure: Failure) { end(.failed(failure)) }

  /// The next pieces as one; nil at the end. Fails with kind `cancelled` when the task is cancelled while it waits.
  func next() async throws -> [UInt8]? {
    let result = await withTaskCancellationHandler {
      await withUnsafeContinuation { continuation in
        let (ready, hasRoom) = state.withLock { state in take(&state, continuation) }
        if let ready { continuation.resume(returning: ready) }
        if hasRoom { onRoom() }
        // The handler may have run before there was anybody to wake.
        if ready == nil, Task.isCancelled { wakeCancelled() }
      }
    } onCancel: {
      wakeCancelled()
    }
    return try result.get()
  }

  private func wakeCancelled() {
    let reader = state.withLock { state in
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume(returning: .failure(Failure(.cancelled, "the reader of the body was cancelled")))
  }

  private func take(
    _ state: inout State, _ continuation: UnsafeContinuation<Result<[UInt8]?, any Error>, Never>
  ) -> (Result<[UInt8]?, any Error>?, hasRoom: Bool) {
    if !state.pieces.isEmpty {
      let piece = state.pieces.count == 1 ? state.pieces[0] : Array(state.pieces.joined())
      state.pieces.removeAll(keepingCapacity: true)
      state.bytes = 0
      defer { state.isPaused = false }
      return (.success(piece), state.isPaused)
    }
    switch state.end {
    case .finished: return (.success(nil), false)
    case .failed(let failure): return (.failure(failure), false)
    case nil:
      state.reader = continuation
      return (nil, false)
    }
  }

  private func end(_ end: End) {
    let reader = state.withLock { state in
      guard state.end == nil else { return nil as UnsafeContinuation<Result<[UInt8]?, any Error>, Never>? }
      state.end = end
      defer { state.reader = nil }
      return state.reader
    }
    switch end {
    case .finished: reader?.resume(returning: .success(nil))
    case .failed(let failure): reader?.resume(returning: .failure(failure))
    }
  }
}
