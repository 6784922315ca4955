import Foundation
import Glibc
import Synchronization

/// A server that speaks no HTTP of its own: each connection is worked on by a closure, on a thread.
final class RawPeer: Sendable {
  let port: UInt16
  private let listener: Int32
  private let accepted = Mutex(0)

  /// How many connections came in.
  var connections: Int { accepted.withLock { $0 } }

  /// `bufferSize` is what the system is to buffer of each direction of a connection; nil for its own choice.
  init(bufferSize: Int32? = nil, _ serve: @escaping @Sendable (RawConnection) -> Void) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if var bufferSize {
      // What is accepted has the sizes of the listener.
      for option in [SO_SNDBUF, SO_RCVBUF] { setsockopt(listener, SOL_SOCKET, option, &bufferSize, 4) }
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 64) == 0 && getsockname(listener, $0, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
    self.listener = listener
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [self] in
      while true {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        accepted.withLock { $0 += 1 }
        Thread.detachNewThread {
          let connection = RawConnection(descriptor)
          serve(connection)
          connection.close()
        }
      }
    }
  }

  /// Takes no more connections.
  func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }

  /// A peer that answers every request of every connection with `answer`, after its body was read.
  static func answering(_ answer: String) throws -> RawPeer {
    try RawPeer { connection in
      while let head = connection.readHead() {
        _ = connection.read(head.contentLength)
        connection.write(answer)
      }
    }
  }
}

/// One accepted connection, for a thread that may block.
final class RawConnection {
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The bytes up to and with the empty line; nil when the peer closed before.
  func readHead() -> String? {
    while true {
      if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
        let head = String(decoding: buffer[..<end.upperBound], as: UTF8.self)
        buffer.removeFirst(end.upperBound)
        return head
      }
      guard fill() else { return nil }
    }
  }

  /// That many bytes, fewer when the peer closed.
  func read(_ count: Int) -> [UInt8] {
    while buffer.count < count { guard fill() else { break } }
    let bytes = Array(buffer.prefix(count))
    buffer.removeFirst(bytes.count)
    return bytes
  }

  /// What is there, at most 64 KiB; nil at the end.
  func readSome() -> [UInt8]? {
    guard !buffer.isEmpty || fill() else { return nil }
    defer { buffer = [] }
    return buffer
  }

  /// Waits until the peer closed or aborted the connection.
  func waitForEnd() { while readSome() != nil {} }

  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        send(descriptor, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  func close() { Glibc.close(descriptor) }

  private func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer.append(contentsOf: piece[..<count])
    return true
  }
}

extension String {
  /// The value of `content-length` in a request's head.
  var contentLength: Int {
    for line in split(separator: "\r\n") where line.lowercased().hasPrefix("content-length:") {
      return Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces)) ?? 0
    }
    return 0
  }
}
