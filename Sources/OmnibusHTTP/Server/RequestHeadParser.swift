internal import Omnibus

/// Reads the header of a request in place, in one pass, and refuses whatever two readers could understand differently
/// (RFC 9112, 11.2).
struct RequestHeadParser {
  private let limits: HTTPLimits
  private let token = ByteClass.token
  private let host = ByteClass.host

  init(limits: HTTPLimits) { self.limits = limits }

  /// The header at the start of `bytes` and its length; nil when the bytes end before it does.
  func parse(_ bytes: UnsafeBufferPointer<UInt8>) throws(HTTPRefusal) -> (head: RequestHead, length: Int)? {
    var at = 0
    guard let line = try RequestLine(bytes, &at, limit: limits.requestLine) else {
      guard bytes.count <= limits.requestLine else { throw HTTPRefusal(414, "the request line is too long") }
      return nil
    }
    var meaning = FramingFields(isVersion10: line.isVersion10)
    let fields = try withUnsafeTemporaryAllocation(of: FieldLines.Field.self, capacity: limits.headerCount) {
      fields throws(HTTPRefusal) -> Headers? in
      var count = 0
      while true {
        switch try FieldLines.next(bytes, &at, token: token) {
        case .incomplete:
          guard bytes.count <= limits.headerBytes else { throw .fieldsTooLarge }
          return nil
        case .end:
          guard at <= limits.headerBytes else { throw .fieldsTooLarge }
          return Self.headers(bytes, fields[..<count], size: at)
        case .field(let field):
          guard count < limits.headerCount else { throw .tooManyFields }
          try meaning.take(field, bytes, host: host)
          fields[count] = field
          count += 1
        }
      }
    }
    guard let fields else { return nil }
    return (try Self.head(bytes, line, meaning, fields), at)
  }

  private static func headers(
    _ bytes: UnsafeBufferPointer<UInt8>, _ fields: Slice<UnsafeMutableBufferPointer<FieldLines.Field>>, size: Int
  ) -> Headers {
    var headers = Headers()
    headers.reserveCapacity(fields: fields.count, bytes: size)
    for field in fields {
      headers.append(
        name: UnsafeBufferPointer(rebasing: bytes[field.nameStart..<field.nameEnd]),
        value: UnsafeBufferPointer(rebasing: bytes[field.valueStart..<field.valueEnd]))
    }
    return headers
  }

  private static func head(
    _ bytes: UnsafeBufferPointer<UInt8>, _ line: RequestLine, _ meaning: FramingFields, _ headers: Headers
  ) throws(HTTPRefusal) -> RequestHead {
    var head = RequestHead()
    try meaning.finish(&head)
    func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    head.headers = headers
    head.isVersion10 = line.isVersion10
    head.method = text(line.method)
    head.target = text(line.target)
    head.path = line.path == line.target ? head.target : line.path.isEmpty ? "/" : text(line.path)
    if !line.query.isEmpty { head.query = text(line.query) }
    if let authority = line.authority { head.headers["Host"] = text(authority) }
    return head
  }
}
