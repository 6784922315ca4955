import Glibc
import Testing

/// Bytes to a port of this machine, and what comes back, by a client that keeps no rules.
enum RawExchange {
  /// Sends `pieces` until the other side takes no more, and reads until it ends the connection. Blocks.
  static func run(_ port: UInt16, _ pieces: [[UInt8]], times: Int = 1) throws -> (answer: String, sent: Int) {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    signal(SIGPIPE, SIG_IGN)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let isConnected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    try #require(isConnected)
    var sent = 0
    sending: for (place, piece) in pieces.enumerated() {
      for _ in 0..<(place == pieces.count - 1 ? times : 1) {
        var rest = piece[...]
        while !rest.isEmpty {
          let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
          guard count > 0 else { break sending }
          sent += count
          rest = rest.dropFirst(count)
        }
      }
    }
    shutdown(descriptor, Int32(SHUT_WR))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      answer.append(contentsOf: buffer[..<count])
    }
    return (String(decoding: answer, as: UTF8.self), sent)
  }

  /// The same beside the tests' own threads.
  static func send(_ port: UInt16, _ text: String) async throws -> String {
    try await Task.detached { try run(port, [Array(text.utf8)]).answer }.value
  }
}
