/// Reads a request line in place (RFC 9112, 3).
struct RequestLine {
  /// Where the parts of the line lie.
  private(set) var method = 0..<0
  private(set) var target = 0..<0
  private(set) var path = 0..<0
  private(set) var query = 0..<0
  /// The host and port of a target in absolute form, which go before the field `Host` (RFC 9112, 3.2.2).
  private(set) var authority: Range<Int>?
  private(set) var isVersion10 = false

  /// Reads the line at `at` and moves `at` behind it; nil when the bytes end before the line does.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, limit: Int) throws(HTTPRefusal) {
    let start = at
    guard let method = try Self.method(bytes, from: start) else { return nil }
    self.method = method
    var place = method.upperBound + 1
    let allowed = ByteClass.target
    var question: Int?
    while place < bytes.count, allowed.contains(bytes[place]) {
      if bytes[place] == 0x3F, question == nil { question = place }
      place += 1
    }
    // With the version and the line's end, so that it does not matter in how many pieces the line comes.
    guard place + 11 - start <= limit else { throw HTTPRefusal(414, "the request line is too long") }
    guard place < bytes.count else { return nil }
    guard bytes[place] == 0x20 else { throw Self.refusal(of: bytes[place]) }
    target = method.upperBound + 1..<place
    path = target.lowerBound..<(question ?? place)
    query = (question.map { $0 + 1 } ?? place)..<place
    guard let minor = try Self.version(bytes, from: place + 1) else { return nil }
    isVersion10 = minor == 0
    try checkTarget(bytes)
    at = place + 11
  }

  private static func method(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) throws(HTTPRefusal) -> Range<Int>? {
    let token = ByteClass.token
    var place = start
    while place < bytes.count, token.contains(bytes[place]) { place += 1 }
    guard place - start <= 32 else { throw HTTPRefusal(501, "the method is not known") }
    guard place < bytes.count else { return nil }
    guard bytes[place] == 0x20, place > start else { throw .malformed("the request does not start with a method") }
    return start..<place
  }

  /// The minor version of `HTTP/1.x` and a line end at `start`; nil when the bytes end too early.
  private static func version(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) throws(HTTPRefusal) -> UInt8? {
    let expected: StaticString = "HTTP/#.#\r\n"
    let available = min(bytes.count - start, 10)
    for offset in 0..<available {
      let byte = bytes[start + offset]
      let wanted = expected.utf8Start[offset]
      guard wanted == 0x23 ? byte &- 0x30 < 10 : byte == wanted else {
        if offset == 8, byte == 0x0A { throw .bareLineFeed }
        throw .malformed("the request line does not end in a version such as HTTP/1.1")
      }
    }
    guard available == 10 else { return nil }
    guard bytes[start + 5] == 0x31 else { throw HTTPRefusal(505, "HTTP/1.1 and HTTP/1.0 are served here") }
    return bytes[start + 7] - 0x30
  }

  private static func refusal(of byte: UInt8) -> HTTPRefusal {
    switch byte {
    case 0x0A, 0x0D: .malformed("the request line does not end in a version such as HTTP/1.1")
    default: .malformed("the request target holds a character that is not allowed")
    }
  }

  /// Checks the form of the target, and finds the path of one in absolute form.
  private mutating func checkTarget(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    let isConnect = method.count == 7 && bytes[method].elementsEqual("CONNECT".utf8)
    guard !isConnect else { throw HTTPRefusal(501, "this is no proxy") }
    guard let first = bytes[target].first else { throw .malformed("the request line has no target") }
    if first != 0x2F {
      if bytes[target].elementsEqual("*".utf8) {
        guard bytes[method].elementsEqual("OPTIONS".utf8) else {
          throw .malformed("the target \"*\" is for OPTIONS only")
        }
        return
      }
      try readAbsoluteForm(bytes)
    }
    try checkPercents(bytes)
  }

  private mutating func readAbsoluteForm(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    let scheme = bytes[target].prefix(8).map { $0 | 0x20 }
    let length = scheme.starts(with: "http://".utf8.map { $0 | 0x20 }) ? 7 : 8
    guard length == 7 || scheme.elementsEqual("https://".utf8.map { $0 | 0x20 }) else {
      throw .malformed("the request target is neither a path nor an http or https address")
    }
    let start = target.lowerBound + length
    let end = bytes[start..<max(start, path.upperBound)].firstIndex(of: 0x2F) ?? path.upperBound
    guard start < end, bytes[start] != 0x3A else { throw .malformed("the request target has no host") }
    guard HostName.isValid(UnsafeBufferPointer(rebasing: bytes[start..<end]), .host) else {
      throw .malformed("the request target names no host and port")
    }
    authority = start..<end
    path = end..<path.upperBound
  }

  private func checkPercents(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) {
    for place in path where bytes[place] == 0x25 {
      guard place + 2 < path.upperBound, PercentEncoding.digit(bytes[place + 1]) != nil,
        PercentEncoding.digit(bytes[place + 2]) != nil
      else { throw .malformed("a \"%\" in the path is not followed by two hexadecimal digits") }
    }
  }
}
