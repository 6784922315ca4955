internal import Glibc
internal import Omnibus

/// What tells one state of a file from another.
struct FileStatus: Sendable, Hashable {
  var name: String
  var size: Int
  var modified: Timestamp
  var inode: UInt64

  /// Of a regular file; nil for anything else.
  init?(name: String, _ status: stat) {
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    self.name = name
    size = Int(status.st_size)
    modified = Timestamp(seconds: Int64(status.st_mtim.tv_sec), nanoseconds: Int32(status.st_mtim.tv_nsec))
    inode = UInt64(status.st_ino)
  }
}
