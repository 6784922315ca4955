internal import CReactor
internal import Glibc

/// Types of sockets with the flags that every socket here has.
enum SocketType {
  /// A byte stream that never blocks and is not inherited by other programs.
  static let stream = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
}
