import Glibc
import Omnibus
import OmnibusReactor
import Synchronization

/// The least that a durable queue could do: a thread appends all that waits to a file, and syncs it once for all.
final class SyncedFile: Sendable {
  private struct State {
    var waiting: [(bytes: [UInt8], continuation: UnsafeContinuation<Void, any Error>)] = []
    var isAsleep = false
    var isClosed = false
    var closer: UnsafeContinuation<Void, Never>?
  }

  private let state = Mutex(State())
  private let work = Semaphore()
  private let count = Atomic<Int>(0)

  /// How often it was synced.
  var syncs: Int { count.load(ordering: .relaxed) }

  init(_ path: String) throws {
    let file = open(path, O_CREAT | O_WRONLY | O_APPEND | O_TRUNC, 0o600)
    guard file >= 0 else { throw SystemError("open") }
    try OperatingSystemThread.start(named: "file") { [self] in serve(file) }
  }

  func append(_ bytes: [UInt8]) async throws {
    try await withUnsafeThrowingContinuation { continuation in
      let isAsleep = state.withLock { state in
        state.waiting.append((bytes, continuation))
        defer { state.isAsleep = false }
        return state.isAsleep
      }
      if isAsleep { work.signal() }
    }
  }

  func close() async {
    await withUnsafeContinuation { continuation in
      state.withLock { state in
        state.isClosed = true
        state.closer = continuation
      }
      work.signal()
    }
  }

  private func serve(_ file: Int32) {
    var buffer: [UInt8] = []
    while true {
      let (turn, isClosed) = state.withLock { state in
        let turn = state.waiting
        state.waiting = []
        if turn.isEmpty { state.isAsleep = true }
        return (turn, state.isClosed)
      }
      if turn.isEmpty, isClosed { break }
      guard !turn.isEmpty else {
        work.wait()
        continue
      }
      buffer.removeAll(keepingCapacity: true)
      for entry in turn {
        withUnsafeBytes(of: UInt64(entry.bytes.count).littleEndian) { buffer.append(contentsOf: $0) }
        buffer.append(contentsOf: entry.bytes)
      }
      let isWritten = write(file, buffer, buffer.count) == buffer.count && fdatasync(file) == 0
      count.add(1, ordering: .relaxed)
      for entry in turn {
        if isWritten { entry.continuation.resume() } else { entry.continuation.resume(throwing: SystemError("write")) }
      }
    }
    Glibc.close(file)
    state.withLock { $0.closer }?.resume()
  }
}
