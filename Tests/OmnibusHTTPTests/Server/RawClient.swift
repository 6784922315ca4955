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
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Broken(call: "send") }
      sent += count
    }
  }

  func shutdownSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// The next response, of known length or chunked; nil when the server closed the connection instead.
  func response(toHead isHead: Bool = false) throws -> Response? {
    guard let head = try text(until: "\r\n\r\n") else { return nil }
    let lines = head.split(separator: "\r\n").map(String.init)
    guard let first = lines.first, first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
      throw Broken(call: "status line")
    }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1)
      fields[parts[0].lowercased()] = parts.count > 1 ? String(parts[1]) : ""
    }
    var body = ""
    if isHead || status == 204 || status == 304 || status < 200 {
      body = ""
    } else if fields["transfer-encoding"] == "chunked" {
      while let size = try text(until: "\r\n").flatMap({ Int($0.dropLast(2), radix: 16) }) {
        body += try text(count: size + 2).dropLast(2)
        if size == 0 { break }
      }
    } else if let length = fields["content-length"].flatMap({ Int($0) }) {
      body = try text(count: length)
    } else {
      body = String(decoding: try rest(), as: UTF8.self)
    }
    return Response(status: status, fields: fields, body: body)
  }

  /// All that comes until the server closes the connection.
  func rest() throws -> [UInt8] {
    while try receive() {}
    defer { input = [] }
    return input
  }

  /// Whether the server has closed the connection, after whatever it still sent.
  func isClosed() throws -> Bool { try !receive() || isClosed() }

  /// Whether the server reset or closed the connection.
  func isBroken() -> Bool {
    do { return try isClosed() } catch { return true }
  }

  private func text(until end: String) throws -> String? {
    let end = Array(end.utf8)
    while true {
      if let place = input.indices.first(where: { input[$0...].starts(with: end) }) {
        defer { input.removeFirst(place + end.count) }
        return String(decoding: input[..<(place + end.count)], as: UTF8.self)
      }
      guard try receive() else { return nil }
    }
  }

  private func text(count: Int) throws -> String {
    while input.count < count { guard try receive() else { throw Broken(call: "body") } }
    defer { input.removeFirst(count) }
    return String(decoding: input[..<count], as: UTF8.self)
  }

  private func receive() throws -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Broken(call: "recv") }
    input.append(contentsOf: buffer[..<count])
    return count > 0
  }
}
