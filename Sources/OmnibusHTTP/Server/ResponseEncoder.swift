internal import Omnibus

/// Writes the header of responses.
enum ResponseEncoder {
  /// How the body is framed.
  enum Framing: Equatable {
    /// The status has no body, nor a length.
    case none
    case length(Int)
    case chunked
    /// Until the connection is closed, for HTTP/1.0.
    case untilClose
  }

  /// What is said about the connection.
  enum Connection {
    case unsaid
    case close
    case keepAlive
  }

  /// Appends the header to `output`; false, with `output` as it was, if a field is no valid field.
  static func encode(
    status: Int, headers: Headers, framing: Framing, connection: Connection, date: [UInt8], into output: inout [UInt8]
  ) -> Bool {
    let start = output.count
    appendStatusLine(status, to: &output)
    output.append(contentsOf: date)
    switch framing {
    case .none, .untilClose: break
    case .length(let length):
      append("Content-Length: ", to: &output)
      append(length, radix: 10, to: &output)
      append("\r\n", to: &output)
    case .chunked: append("Transfer-Encoding: chunked\r\n", to: &output)
    }
    switch connection {
    case .unsaid: break
    case .close: append("Connection: close\r\n", to: &output)
    case .keepAlive: append("Connection: keep-alive\r\n", to: &output)
    }
    guard append(headers, to: &output) else {
      output.removeLast(output.count - start)
      return false
    }
    append("\r\n", to: &output)
    return true
  }

  /// Appends the size line of a chunk.
  static func appendChunkSize(_ size: Int, to output: inout [UInt8]) {
    append(size, radix: 16, to: &output)
    append("\r\n", to: &output)
  }

  @inline(__always)
  static func append(_ text: StaticString, to output: inout [UInt8]) {
    output.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private static func appendStatusLine(_ status: Int, to output: inout [UInt8]) {
    if status == 200 { return append("HTTP/1.1 200 OK\r\n", to: &output) }
    append("HTTP/1.1 ", to: &output)
    append(status, radix: 10, to: &output)
    append(" ", to: &output)
    append(HTTPStatus.reason(status), to: &output)
    append("\r\n", to: &output)
  }

  private static func append(_ number: Int, radix: Int, to output: inout [UInt8]) {
    var rest = number
    var divisor = 1
    while rest / divisor >= radix { divisor *= radix }
    while divisor > 0 {
      let digit = UInt8(rest / divisor)
      output.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
      rest %= divisor
      divisor /= radix
    }
  }

  private static func append(_ headers: Headers, to output: inout [UInt8]) -> Bool {
    var isValid = true
    let token = ByteClass.token
    headers.forEachField { name, value in
      guard isValid, !isOfConnection(name) else { return }
      isValid = !name.isEmpty && name.allSatisfy { token.contains($0) }
      for byte in value where (byte < 0x20 && byte != 0x09) || byte == 0x7F { isValid = false }
      output.append(contentsOf: name)
      append(": ", to: &output)
      output.append(contentsOf: value)
      append("\r\n", to: &output)
    }
    return isValid
  }

  /// Whether a field is the server's own business.
  private static func isOfConnection(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    switch name.count {
    case 4: equal(name, "date")
    case 7: equal(name, "trailer") || equal(name, "upgrade")
    case 10: equal(name, "connection") || equal(name, "keep-alive")
    case 14: equal(name, "content-length")
    case 17: equal(name, "transfer-encoding")
    default: false
    }
  }
}
