internal import Glibc
internal import Omnibus
internal import OmnibusReactor

/// A file that is held open, closed when nobody holds it any more. Its methods block.
final class OpenFile: Sendable {
  let descriptor: Int32

  /// Takes over what `open` returned.
  init(_ result: Int32) throws(SystemError) {
    guard result >= 0 else { throw SystemError("open") }
    descriptor = result
  }

  deinit { close(descriptor) }

  /// Whether it has a name still.
  var exists: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// What is known of it now; nil where it is no regular file.
  func status(name: String) -> FileStatus? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? FileStatus(name: name, status) : nil
  }

  /// Whether no other program has locked it against readers, by flock(2) or fcntl(2). As long as it is open nobody can.
  func lockForReading() -> Bool {
    if flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK { return false }
    var wanted = flock()
    wanted.l_type = Int16(F_RDLCK)
    wanted.l_whence = Int16(SEEK_SET)
    // Where the file system knows no locks, nobody can have one.
    return fcntl(descriptor, F_GETLK, &wanted) != 0 || wanted.l_type == Int16(F_UNLCK)
  }

  /// The next bytes, at most `count`; empty at the end.
  func read(_ count: Int) throws(SystemError) -> [UInt8] {
    var failed = false
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      var result = 0
      repeat { result = Glibc.read(descriptor, buffer.baseAddress, count) } while result < 0 && errno == EINTR
      failed = result < 0
      filled = max(result, 0)
    }
    if failed { throw SystemError("read") }
    return bytes
  }

  /// Writes all of `bytes`; answers how many were written where it fails.
  func write(_ bytes: [UInt8]) -> (written: Int, error: SystemError?) {
    bytes.withUnsafeBytes { buffer in
      var written = 0
      while written < buffer.count {
        let result = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: written), buffer.count - written)
        if result < 0, errno == EINTR { continue }
        guard result >= 0 else { return (written, SystemError("write")) }
        written += result
      }
      return (written, nil)
    }
  }

  /// Makes the contents durable.
  func sync() throws(SystemError) {
    guard fdatasync(descriptor) == 0 else { throw SystemError("fdatasync") }
  }
}
