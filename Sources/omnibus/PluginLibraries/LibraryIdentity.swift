internal import Glibc

/// Which file a path leads to, and in what state: so that what was checked is what is opened.
struct LibraryIdentity: Equatable {
  private let device: UInt64
  private let inode: UInt64
  private let size: Int64
  private let seconds: Int
  private let nanoseconds: Int

  /// Of the file at `path`, links followed.
  init(_ path: String) throws(LibraryProblem) {
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw LibraryProblem("cannot be read: \(String(cString: strerror(errno)).lowercased())")
    }
    device = UInt64(information.st_dev)
    inode = UInt64(information.st_ino)
    size = Int64(information.st_size)
    seconds = information.st_mtim.tv_sec
    nanoseconds = information.st_mtim.tv_nsec
  }
}
