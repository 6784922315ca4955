import Glibc

/// A file that this process has open, whose reads a test lets fail as those of a disk that is gone for a moment.
struct OpenFile {
  private let path: String
  private let descriptor: Int32
  private let copy: Int32

  /// The file at a path; nil where it is not open.
  init?(_ path: String) {
    let found = (3..<4096).first { number in
      var target = [CChar](repeating: 0, count: 4096)
      let count = readlink("/proc/self/fd/\(number)", &target, target.count)
      return count > 0 && target[..<count].map { UInt8(bitPattern: $0) } == Array(path.utf8)
    }
    guard let found else { return nil }
    self.path = path
    descriptor = Int32(found)
    copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { return nil }
  }

  /// Reads fail from now on.
  func lose() {
    // Its size is to be seen still.
    let blind = open(path, O_WRONLY | O_CLOEXEC)
    dup2(blind, descriptor)
    close(blind)
  }

  /// Reads succeed again.
  func restore() { dup2(copy, descriptor) }
}
