internal import CReactor
internal import Glibc
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// A file without a name: nobody else sees what is in it, and it is gone with whoever holds it, also when that is killed.
final class Spool: UnnamedFile {
  private static let pieceSize = 256 << 10
  /// Closes what was let go of: the system frees a large file then, which takes its time, and who lets go may be a reactor.
  private static let closing = BlockingExecutor(name: "openpgp-close", threads: 1)

  let descriptor: Int32
  private let size = Atomic<Int>(0)

  /// Makes one in a folder.
  init(in folder: String) throws(SystemError) {
    let descriptor = omnibus_open_nameless(folder)
    guard descriptor >= 0 else { throw SystemError("open") }
    self.descriptor = descriptor
  }

  deinit { _ = Self.closing.start { [descriptor] in close(descriptor) } }

  /// How many bytes were written.
  var count: Int { size.load(ordering: .relaxed) }

  /// Writes behind what was written. Blocks.
  func write(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
    var written = 0
    while written < bytes.count {
      let result = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      if result < 0, errno == EINTR { continue }
      guard result >= 0 else { throw SystemError("write") }
      written += result
    }
    size.add(bytes.count, ordering: .relaxed)
  }

  /// All that was written, as a body. The next piece is read while the last one is worked on.
  func stream(on blocking: BlockingExecutor) -> BodyStream {
    let ahead = Mutex<(work: BlockingWork<[UInt8]>?, offset: Int)>((nil, 0))
    return BodyStream(length: count, file: self) {
      let (work, offset) = ahead.withLock { ahead in
        defer { ahead.offset += Self.pieceSize }
        return (ahead.work.take(), ahead.offset)
      }
      let present = work ?? self.start(at: offset, blocking)
      let piece = try await self.value(of: present)
      guard !piece.isEmpty else { return nil }
      let next = self.start(at: offset + Self.pieceSize, blocking)
      ahead.withLock { $0.work = next }
      return piece
    }
  }

  private func value(of work: BlockingWork<[UInt8]>) async throws(Failure) -> [UInt8] {
    do { return try await work.value() } catch {
      throw Failure(.unavailable, "cannot read what was spooled", cause: error)
    }
  }

  private func start(at offset: Int, _ blocking: BlockingExecutor) -> BlockingWork<[UInt8]> {
    blocking.start { [self] in
      let wanted = min(Self.pieceSize, max(count - offset, 0))
      var problem: SystemError?
      let piece = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
        while filled < wanted {
          let result = pread(descriptor, buffer.baseAddress?.advanced(by: filled), wanted - filled, offset + filled)
          if result < 0, errno == EINTR { continue }
          if result <= 0 { problem = SystemError("pread") }
          guard result > 0 else { return }
          filled += result
        }
      }
      if let problem { throw problem }
      return piece
    }
  }
}
