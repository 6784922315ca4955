internal import Glibc

/// A regular file whose parts are read where they are asked for, each within its size.
final class FileRegions: Sendable {
  /// The most that is read at once.
  static let maxRegion: UInt64 = 64 << 20

  let size: UInt64
  private let descriptor: Int32

  /// Opens the file at `path`.
  init(_ path: String) throws(LibraryProblem) {
    // Not to wait for the writer of a named pipe.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw LibraryProblem("cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
    self.descriptor = descriptor
    var information = stat()
    size = fstat(descriptor, &information) == 0 ? UInt64(max(0, information.st_size)) : 0
    switch information.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw LibraryProblem("is a folder, expected a shared library")
    default: throw LibraryProblem("is no regular file, expected a shared library")
    }
  }

  deinit { close(descriptor) }

  /// The `count` bytes at `offset`.
  func read(_ offset: UInt64, _ count: UInt64) throws(LibraryProblem) -> [UInt8] {
    guard count <= Self.maxRegion, offset <= size, count <= size - offset else {
      throw .damaged("\(count) bytes at \(offset) are not in its \(size)")
    }
    var bytes = [UInt8](repeating: 0, count: Int(count))
    var done = 0
    while done < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done, off_t(offset) + off_t(done))
      }
      if got < 0 && errno == EINTR { continue }
      guard got > 0 else { throw .damaged("it became shorter while it was read") }
      done += got
    }
    return bytes
  }
}
