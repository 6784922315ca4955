/// The header fields that decide where a request ends and whether the connection stays.
struct FramingFields {
  private let isVersion10: Bool
  private var length: Int?
  private var isChunked = false
  private var hosts = 0
  private var closes = false
  private var keepsAlive = false
  private var expectsContinue = false

  init(isVersion10: Bool) { self.isVersion10 = isVersion10 }

  /// Takes note of a field, if it is one of these.
  @inline(__always)
  mutating func take(
    _ field: FieldLines.Field, _ bytes: UnsafeBufferPointer<UInt8>, host: ByteClass
  ) throws(HTTPRefusal) {
    let length = field.nameEnd - field.nameStart
    guard length == 4 || length == 6 || length == 10 || length == 14 || length == 17 else { return }
    let name = UnsafeBufferPointer(rebasing: bytes[field.nameStart..<field.nameEnd])
    let value = UnsafeBufferPointer(rebasing: bytes[field.valueStart..<field.valueEnd])
    switch length {
    case 4 where equal(name, "host"): try takeHost(value, host)
    case 6 where equal(name, "expect"): try takeExpect(value)
    case 10 where equal(name, "connection"): takeConnection(value)
    case 14 where equal(name, "content-length"): try takeLength(value)
    case 17 where equal(name, "transfer-encoding"): try takeCoding(value)
    default: break
    }
  }

  /// Writes what the fields say together into `head`, or refuses what contradicts itself.
  func finish(_ head: inout RequestHead) throws(HTTPRefusal) {
    guard hosts == 1 || (hosts == 0 && isVersion10) else {
      throw .malformed(hosts == 0 ? "the field Host is missing" : "the field Host comes twice")
    }
    guard !isChunked || length == nil else { throw .malformed("both Content-Length and Transfer-Encoding are given") }
    guard !isChunked || !isVersion10 else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
    head.framing = isChunked ? .chunked : length.map { $0 == 0 ? .none : .length($0) } ?? .none
    head.keepsAlive = !closes && (!isVersion10 || keepsAlive)
    head.expectsContinue = expectsContinue && !isVersion10
  }

  /// Refuses trailers that would have been refused as header fields, though they change nothing here (RFC 9110, 6.5.1):
  /// another reader may make something of them.
  mutating func takeTrailer(_ field: FieldLines.Field, _ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    let name = UnsafeBufferPointer(rebasing: bytes[field.nameStart..<field.nameEnd])
    let value = UnsafeBufferPointer(rebasing: bytes[field.valueStart..<field.valueEnd])
    switch name.count {
    case 14 where equal(name, "content-length"): try takeLength(value)
    case 17 where equal(name, "transfer-encoding"): throw .malformed("Transfer-Encoding stands in the trailers")
    default: break
    }
  }

  private mutating func takeHost(
    _ value: UnsafeBufferPointer<UInt8>, _ host: ByteClass
  ) throws(HTTPRefusal) {
    guard HostName.isValid(value, host) else { throw .malformed("the field Host names no host and port") }
    hosts += 1
  }

  private mutating func takeLength(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    guard length == nil else { throw .malformed("Content-Length comes twice") }
    guard !value.isEmpty, value.count <= 18, value.allSatisfy({ $0 &- 0x30 < 10 }) else {
      throw .malformed("Content-Length is not one decimal number")
    }
    length = value.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private mutating func takeCoding(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    guard !isChunked else { throw .malformed("Transfer-Encoding comes twice") }
    guard equal(value, "chunked") else { throw HTTPRefusal(501, "the only Transfer-Encoding known here is chunked") }
    isChunked = true
  }

  private mutating func takeExpect(_ value: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    guard equal(value, "100-continue") else { throw HTTPRefusal(417, "the only expectation known is 100-continue") }
    expectsContinue = true
  }

  private mutating func takeConnection(_ value: UnsafeBufferPointer<UInt8>) {
    for option in value.split(separator: 0x2C) {
      let option = UnsafeBufferPointer(rebasing: option)
      let trimmed = option.drop { $0 == 0x20 || $0 == 0x09 }
      let end = trimmed.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? trimmed.startIndex
      let token = UnsafeBufferPointer(rebasing: option[trimmed.startIndex..<end])
      if equal(token, "close") { closes = true }
      if equal(token, "keep-alive") { keepsAlive = true }
    }
  }
}

/// Whether `bytes` are `text`, which is in lower case, whatever the case of their letters.
@inline(__always)
func equal(_ bytes: UnsafeBufferPointer<UInt8>, _ text: StaticString) -> Bool {
  guard bytes.count == text.utf8CodeUnitCount else { return false }
  for place in 0..<bytes.count {
    let byte = bytes[place]
    guard (byte &- 0x41 < 26 ? byte | 0x20 : byte) == text.utf8Start[place] else { return false }
  }
  return true
}
