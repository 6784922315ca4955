internal import Glibc

/// A TCP port of 127.0.0.1 that nobody else is given while this exists, for a listener whose address must be known before
/// it listens. It is bound and not listened on: a listener with SO_REUSEADDR can have it, and who connects before is
/// refused.
public final class ReservedPort: Sendable {
  /// The port.
  public let number: UInt16
  private let descriptor: Int32

  /// Takes a port that is free.
  public init() {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var flag: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &flag, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    precondition(isBound, "the tests need a port of 127.0.0.1")
    number = UInt16(bigEndian: address.sin_port)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// `127.0.0.1:port`.
  public var address: String { "127.0.0.1:\(number)" }
}
