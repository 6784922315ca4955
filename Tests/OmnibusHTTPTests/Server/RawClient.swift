import CReactor
import Glibc
import OmnibusReactor

/// A client that writes the bytes that it is told to, and reads what comes. Its calls block.
final class RawClient {
  struct Response: Equatable {
    var status: Int
    var fields: [String: String]
    var body: String
  }

  struct Broken: Error { let call: String }

  private let descriptor: Int32
  private var input: [UInt8] = []
  private var start = 0

  init(port: UInt16, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
    var patience = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
    var on: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, 4)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Broken(call: "connect") }
  }

  deinit { close(descriptor) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Broken(call: "send") }
      sent += count
    }
  }

  /// Sends what the system takes now; answers how much that was, 0 also when the connection is gone.
  func sendWhatFits(_ bytes: [UInt8]) -> Int {
    max(0, Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
  }

  /// Throws away what has come.
  func discard() {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 {}
  }

  /// Whether the server has closed or reset the connection, as far as is known by now.
  var isGone: Bool {
    var entry = pollfd(fd: descriptor, events: 0x2000 /* POLLRDHUP */, revents: 0)
    return poll(&entry, 1, 0) > 0
  }

  /// Whether anything comes, or the end, within so many seconds.
  func hasInput(within seconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, seconds * 1000) > 0
  }

  /// Makes the server see a reset when this is closed.
  func resetWhenClosed() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
  }

  func shutdownSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next response, of known length or chunked; nil when the server closed the connection instead.
  func response(toHead isHead: Bool = false) throws -> Response? {
    guard let head = try bytes(until: "\r\n\r\n") else { return nil }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
    guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
      throw Broken(call: "status line")
    }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
    }
    let hasBody = !isHead && status >= 200 && status != 204 && status != 304
    let body = hasBody ? try body(fields) : []
    return Response(status: status, fields: fields, body: String(decoding: body, as: UTF8.self))
  }

  private func body(_ fields: [String: String]) throws -> [UInt8] {
    if let length = fields["content-length"].flatMap({ Int($0) }) { return try bytes(count: length) }
    guard fields["transfer-encoding"] == "chunked" else { return try rest() }
    var body: [UInt8] = []
    while let line = try bytes(until: "\r\n") {
      guard let size = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) else {
        throw Broken(call: "chunk size")
      }
      body += try bytes(count: size + 2).dropLast(2)
      if size == 0 { return body }
    }
    throw Broken(call: "chunk")
  }

  /// All that comes until the server closes the connection.
  func rest() throws -> [UInt8] {
    while try receive() {}
    return take(input.count - start)
  }

  /// Whether the server has closed the connection, after whatever it still sent.
  func isClosed() throws -> Bool { try !receive() || isClosed() }

  /// Whether the server reset or closed the connection.
  func isBroken() -> Bool {
    do { return try isClosed() } catch { return true }
  }

  private func bytes(until end: String) throws -> [UInt8]? {
    let end = Array(end.utf8)
    while true {
      let unread = input[start...]
      if let place = unread.indices.first(where: { unread[$0...].starts(with: end) }) {
        return take(place + end.count - start)
      }
      guard try receive() else { return nil }
    }
  }

  private func bytes(count: Int) throws -> [UInt8] {
    while input.count - start < count { guard try receive() else { throw Broken(call: "body") } }
    return take(count)
  }

  private func take(_ count: Int) -> [UInt8] {
    defer {
      start += count
      if start > 1 << 20 || start == input.count {
        input.removeFirst(start)
        start = 0
      }
    }
    return Array(input[start..<start + count])
  }

  private func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Broken(call: "recv") }
    input.append(contentsOf: buffer[..<count])
    return count > 0
  }
}
