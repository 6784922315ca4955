internal import Glibc
public import Omnibus

/// One accepted connection of a `TestHTTPServer`, for its thread alone: HTTP/1.1, as much of it as our clients speak.
public final class TestHTTPConnection {
  /// The head of a request.
  public struct Request: Sendable {
    /// `GET`.
    public let method: String
    /// Path and query, as they were sent.
    public let target: String
    /// The fields in their order.
    public let headers: Headers
  }

  /// The body of a request, of which all bytes are counted, and kept as long as there are no more than 4 MiB.
  public struct Content: Sendable {
    /// The bytes; none where there were too many.
    public fileprivate(set) var bytes: [UInt8] = []
    /// How many there were.
    public fileprivate(set) var size = 0

    /// A body without a byte.
    public init() {}

    /// Whether all bytes were kept.
    public var isWhole: Bool { bytes.count == size }
  }

  private static let kept = 4 << 20

  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var place = 0

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  func close() { Glibc.close(descriptor) }

  /// The next request; nil where the client has closed, or sends what is none.
  public func request() -> Request? {
    guard let words = line()?.split(separator: " "), words.count == 3 else { return nil }
    var headers = Headers()
    while let line = line() {
      guard !line.isEmpty else {
        return Request(method: String(words[0]), target: String(words[1]), headers: headers)
      }
      guard let colon = line.firstIndex(of: ":") else { return nil }
      headers.append(String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
    }
    return nil
  }

  /// The body of a request, each piece of which `each` sees; nil where it breaks off, or after `most` bytes.
  public func content(
    of request: Request, most: Int = .max, _ each: (UnsafeRawBufferPointer) -> Void = { _ in }
  ) -> Content? {
    if request.headers.contains("expect") { write("HTTP/1.1 100 Continue\r\n\r\n") }
    var content = Content()
    if request.headers.contains("transfer-encoding") {
      while true {
        guard let line = line(), let count = Int(line, radix: 16),
          read(count, into: &content, most, each), self.line() == ""
        else { return nil }
        if count == 0 { break }
      }
    } else {
      let length = request.headers["content-length"].flatMap { Int($0) } ?? 0
      guard read(length, into: &content, most, each) else { return nil }
    }
    if content.size > Self.kept { content.bytes = [] }
    return content
  }

  /// Writes an answer with its length.
  public func answer(_ status: Int, _ headers: Headers = Headers(), _ body: [UInt8] = []) {
    var head = "HTTP/1.1 \(status) Answer\r\ncontent-length: \(body.count)\r\n"
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    write(head + "\r\n", body)
  }

  /// Writes what need not be an answer. Whether the client took it.
  @discardableResult
  public func write(_ head: String, _ body: [UInt8] = []) -> Bool { write(Array(head.utf8) + body) }

  /// Writes bytes. Whether the client took them.
  @discardableResult
  public func write(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  /// Waits, and answers whether the client closes before so many milliseconds have passed.
  public func closes(within milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&entry, 1, milliseconds) > 0 else { return false }
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT)) == 0
  }

  /// Reads until the client has closed.
  public func drain() { while fill() {} }

  private func read(
    _ count: Int, into content: inout Content, _ most: Int, _ each: (UnsafeRawBufferPointer) -> Void
  ) -> Bool {
    var left = count
    while left > 0 {
      if place == buffer.count, !fill() { return false }
      let piece = buffer[place..<min(place + left, buffer.count)]
      piece.withUnsafeBytes(each)
      if content.bytes.count <= Self.kept { content.bytes += piece }
      content.size += piece.count
      place += piece.count
      left -= piece.count
      if content.size > most { return false }
    }
    return true
  }

  private func line() -> String? {
    var line: [UInt8] = []
    while true {
      if place == buffer.count, !fill() { return nil }
      let byte = buffer[place]
      place += 1
      if byte == 0x0A { break }
      line.append(byte)
    }
    if line.last == 0x0D { line.removeLast() }
    return String(decoding: line, as: UTF8.self)
  }

  private func fill() -> Bool {
    var piece = [UInt8](repeating: 0, count: 65536)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer = Array(piece[..<count])
    place = 0
    return true
  }
}
