import CReactor
import Glibc
import OmnibusReactor

/// Stands between a client and a server: hands on what each sends, byte by byte, and ends both connections without a word
/// after `limit` bytes of the client. Its calls block, on threads of its own.
final class Forwarder: Sendable {
  let port: UInt16
  private static let threads = BlockingExecutor(name: "forwarder", threads: 16)

  init(to server: UInt16, limit: Int = .max) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = Self.with(&address) { bind(listener, $0, length) }
    listen(listener, 8)
    _ = Self.with(&address) { getsockname(listener, $0, &length) }
    port = UInt16(bigEndian: address.sin_port)
    _ = Self.threads.start { Self.serve(listener, to: server, limit: limit) }
  }

  private static func serve(_ listener: Int32, to server: UInt16, limit: Int) {
    let client = accept(listener, nil, nil)
    close(listener)
    let upstream = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = address(server)
    _ = with(&address) { connect(upstream, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    for descriptor in [client, upstream] {
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    }
    let back = threads.start { copy(from: upstream, to: client, limit: .max) }
    copy(from: client, to: upstream, limit: limit)
    _ = back
  }

  private static func copy(from source: Int32, to target: Int32, limit: Int) {
    var byte: UInt8 = 0
    var count = 0
    while count < limit, recv(source, &byte, 1, 0) == 1, send(target, &byte, 1, Int32(MSG_NOSIGNAL)) == 1 { count += 1 }
    shutdown(target, Int32(SHUT_WR))
    if count == limit { shutdown(source, Int32(SHUT_RDWR)) }
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }

  private static func with(_ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> Int32) -> Int32 {
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0) }
    }
  }
}
