internal import Glibc

/// What tells one version of a file from the next without reading it.
struct FileStamp: Equatable {
  private let device: UInt
  private let file: UInt
  private let size: Int
  private let seconds: Int
  private let nanoseconds: Int

  /// The version that is there now, behind links; nil when there is none.
  init?(_ path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    device = status.st_dev
    file = status.st_ino
    size = status.st_size
    seconds = status.st_mtim.tv_sec
    nanoseconds = status.st_mtim.tv_nsec
  }
}
