internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Reads a file piece by piece, and one piece ahead, so that the disk and whoever works on the pieces do not wait for
/// each other.
final class FilePieces: Sendable {
  private static let size = 256 << 10

  private struct State {
    var ahead: BlockingWork<[UInt8]>?
    var count = 0
  }

  private let file: OpenFile
  private let blocking: BlockingExecutor
  private let state = Mutex(State())

  init(_ file: OpenFile, _ blocking: BlockingExecutor) {
    self.file = file
    self.blocking = blocking
  }

  /// How many bytes have been handed out.
  var count: Int { state.withLock { $0.count } }

  /// The next piece, empty at the end. For one reader.
  func next() async throws -> [UInt8] {
    let work = state.withLock { $0.ahead.take() } ?? start()
    let piece = try await work.value()
    if !piece.isEmpty {
      let ahead = start()
      state.withLock {
        $0.count += piece.count
        $0.ahead = ahead
      }
    }
    return piece
  }

  private func start() -> BlockingWork<[UInt8]> { blocking.start { [file] in try file.read(Self.size) } }
}
