internal import OmnibusReactor
internal import Synchronization

/// Writes records behind the end of files. Those that come while the disk is busy with a file are written together, and
/// made durable by one call: a disk that takes a millisecond for that would allow a thousand messages a second otherwise.
final class AppendQueue: Sendable {
  private struct Waiting {
    var record: AppendedFile.Record
    var continuation: UnsafeContinuation<Void, any Error>
  }

  private let path: String
  private let blocking: BlockingExecutor
  /// What waits for each file that is being written to.
  private let files = Mutex<[String: [Waiting]]>([:])

  /// For files of the folder `path`.
  init(path: String, blocking: BlockingExecutor) {
    self.path = path
    self.blocking = blocking
  }

  /// Returns when `record` is on the disk.
  func append(_ record: AppendedFile.Record, to name: String) async throws {
    try await withUnsafeThrowingContinuation { continuation in
      let waiting = Waiting(record: record, continuation: continuation)
      let mustStart = files.withLock { files in
        guard files[name] == nil else {
          files[name]?.append(waiting)
          return false
        }
        files[name] = [waiting]
        return true
      }
      if mustStart { _ = blocking.start { [self] in write(to: name) } }
    }
  }

  /// Writes what waits for a file until nothing does.
  private func write(to name: String) {
    while let waiting = takeWaiting(for: name) {
      let result = write(waiting.map(\.record), to: name)
      if case .failure = result, waiting.count > 1 {
        // What does not fit must not keep out what does.
        for one in waiting { one.continuation.resume(with: write([one.record], to: name)) }
      } else {
        for one in waiting { one.continuation.resume(with: result) }
      }
    }
  }

  private func takeWaiting(for name: String) -> [Waiting]? {
    files.withLock { files in
      guard let waiting = files[name], !waiting.isEmpty else {
        files[name] = nil
        return nil
      }
      files[name] = []
      return waiting
    }
  }

  private func write(_ records: [AppendedFile.Record], to name: String) -> Result<Void, any Error> {
    Result { try AppendedFile(in: Folder(making: path), name: name).append(records) }
  }
}
