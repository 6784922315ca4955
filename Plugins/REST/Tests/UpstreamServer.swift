import Foundation
import Glibc
import Omnibus
import OmnibusTesting
import Synchronization

/// An HTTP/1.1 server, a thread a connection, that answers well or as badly as it is told to.
final class UpstreamServer: Sendable {
  let arrivals = Recorder<Arrival>()
  private let port = ReservedPort()
  private let state = Mutex((peer: PeerState.well, listener: Int32(-1)))

  init() throws { try become(.well) }

  deinit { stop() }

  var address: String { port.address }

  /// Behaves so for the requests to come.
  func become(_ peer: PeerState) throws {
    state.withLock { $0.peer = peer }
    if peer == .away { return stop() }
    guard state.withLock({ $0.listener < 0 }) else { return }
    let listener = try listen()
    state.withLock { $0.listener = listener }
    Thread.detachNewThread { [weak self] in
      while case let descriptor = accept(listener, nil, nil), descriptor >= 0 {
        guard let self else { break }
        Thread.detachNewThread { self.serve(UpstreamConnection(descriptor)) }
      }
      close(listener)
    }
  }

  private func stop() {
    let listener = state.withLock { state in
      defer { state.listener = -1 }
      return state.listener
    }
    if listener >= 0 { shutdown(listener, Int32(SHUT_RDWR)) }
  }

  private func listen() throws -> Int32 {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var flag: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &flag, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.number.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && Glibc.listen(listener, 64) == 0
      }
    }
    guard isBound else { throw Failure(.unavailable, "the server of the test cannot listen") }
    return listener
  }

  private func serve(_ connection: UpstreamConnection) {
    while let head = connection.head() {
      let peer = state.withLock { $0.peer }
      if peer == .breaking { break }
      guard let body = connection.body(head) else { break }
      switch peer {
      case .well:
        let key = head.field("idempotency-key")
        arrivals.append(
          body.size > body.bytes.count ? Arrival(size: body.size, key: key) : Arrival(body.bytes, key: key))
        connection.write("HTTP/1.1 200 OK\r\ncontent-length: \(body.bytes.count)\r\n\r\n", body.bytes)
      case .refusing:
        connection.write("HTTP/1.1 422 No\r\ncontent-length: \(body.bytes.count)\r\n\r\n", body.bytes)
      case .overloaded: connection.write("HTTP/1.1 503 No\r\nretry-after: 1\r\ncontent-length: 0\r\n\r\n", [])
      case .nonsense: connection.write("220 mail.example ESMTP \(body.bytes.count)\r\n", body.bytes)
      case .hanging: while connection.some() != nil {}
      case .away, .breaking: break
      }
      if peer == .nonsense { break }
    }
    connection.close()
  }
}

/// One accepted connection.
final class UpstreamConnection {
  /// Bodies beyond this are counted and not kept.
  private static let limit = 4 << 20

  private let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  /// The lines up to the empty one; nil where the client has closed.
  func head() -> [String]? {
    var lines: [String] = []
    while let line = line() {
      if line.isEmpty { return lines }
      lines.append(line)
    }
    return nil
  }

  /// The body, of which the first bytes are kept, and its size; nil where it breaks off.
  func body(_ head: [String]) -> (bytes: [UInt8], size: Int)? {
    if head.field("expect") != nil { write("HTTP/1.1 100 Continue\r\n\r\n", []) }
    var kept: [UInt8] = []
    guard head.field("transfer-encoding") != nil else {
      let size = head.field("content-length").flatMap { Int($0) } ?? 0
      return read(size, into: &kept) ? (kept, size) : nil
    }
    var size = 0
    while let line = line(), let count = Int(line, radix: 16) {
      guard read(count, into: &kept), self.line() == "" else { return nil }
      if count == 0 { return (kept, size) }
      size += count
    }
    return nil
  }

  func write(_ head: String, _ body: [UInt8]) {
    let bytes = Array(head.utf8) + body
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return }
      sent += count
    }
  }

  /// What is there; nil where the client has closed.
  func some() -> [UInt8]? {
    if buffer.isEmpty, !fill() { return nil }
    defer { buffer = [] }
    return buffer
  }

  func close() { Glibc.close(descriptor) }

  private func read(_ count: Int, into kept: inout [UInt8]) -> Bool {
    var left = count
    while left > 0 {
      if buffer.isEmpty, !fill() { return false }
      let piece = buffer.prefix(left)
      if kept.count < Self.limit { kept += piece }
      left -= piece.count
      buffer.removeFirst(piece.count)
    }
    return true
  }

  private func line() -> String? {
    while true {
      if let end = buffer.firstIndex(of: 0x0A) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        return line.hasSuffix("\r") ? String(line.dropLast()) : line
      }
      guard fill() else { return nil }
    }
  }

  private func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece[..<count]
    return true
  }
}

extension [String] {
  /// The value of a field among the lines of a head.
  func field(_ name: String) -> String? {
    first { $0.lowercased().hasPrefix("\(name):") }
      .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
  }
}

/// Counts down.
final class Countdown: Sendable {
  private let left: Atomic<Int>

  init(_ count: Int) { left = Atomic(count) }

  /// Whether there is one left; takes it.
  func next() -> Bool { left.wrappingSubtract(1, ordering: .relaxed).oldValue > 0 }
}
