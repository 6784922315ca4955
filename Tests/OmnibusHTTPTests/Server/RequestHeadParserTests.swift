import Omnibus
import Testing

@testable import OmnibusHTTP

@Suite struct RequestHeadParserTests {
  private static let request =
    "POST /a%20b/c?x=1&y HTTP/1.1\r\nHost: example:80\r\nX-Long: 0123456789\t0123456789  \r\nContent-Length: 12\r\n\r\n"

  private func parse(_ text: [UInt8]) throws -> (head: RequestHead, length: Int)? {
    try text.withUnsafeBufferPointer { try RequestHeadParser(limits: HTTPLimits()).parse($0) }
  }

  @Test("a header is read wherever it is cut, and not before it is whole")
  func cuts() throws {
    let bytes = Array(Self.request.utf8)
    for length in 0..<bytes.count { #expect(try parse(Array(bytes[..<length])) == nil) }
    let parsed = try #require(try parse(bytes + Array("body".utf8)))
    #expect(parsed.length == bytes.count)
    #expect(parsed.head.method == "POST")
    #expect(parsed.head.target == "/a%20b/c?x=1&y")
    #expect(parsed.head.path == "/a%20b/c")
    #expect(parsed.head.query == "x=1&y")
    #expect(parsed.head.headers["x-long"] == "0123456789\t0123456789")
    #expect(parsed.head.framing == .length(12))
    #expect(parsed.head.keepsAlive)
  }

  @Test("a control character is found at any place of a value")
  func controls() throws {
    for place in 0..<40 {
      for bad: UInt8 in [0x00, 0x01, 0x08, 0x0B, 0x1F, 0x7F] {
        var value = [UInt8](repeating: 0x80 + UInt8(place), count: 40)
        value[place] = bad
        let bytes = Array("GET / HTTP/1.1\r\nHost: a\r\nX: ".utf8) + value + Array("\r\n\r\n".utf8)
        #expect(throws: HTTPRefusal.self) { try parse(bytes) }
      }
    }
  }

  @Test("no change of one byte makes the parser crash, and what it accepts has one host")
  func mutations() throws {
    let bytes = Array(Self.request.utf8)
    for place in bytes.indices {
      for value in UInt8.min...UInt8.max {
        var changed = bytes
        changed[place] = value
        guard let parsed = try? parse(changed) else { continue }
        #expect(parsed.head.headers.values("host").count == 1)
      }
    }
  }

  @Test("a request line is too long or not, whatever the pieces it comes in")
  func longLine() throws {
    for length in 8150...8200 {
      let bytes = Array("GET /\(String(repeating: "a", count: length)) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
      let isWhole = (try? parse(bytes)) != nil
      let isInPieces = (8000...bytes.count).allSatisfy { count in
        do { return try parse(Array(bytes[..<count])) != nil || count < bytes.count } catch { return false }
      }
      #expect(isWhole == isInPieces)
    }
  }

  @Test("a target in absolute form names the host")
  func absoluteForm() throws {
    let parsed = try #require(try parse(Array("GET http://b:81?x HTTP/1.1\r\nHost: a\r\n\r\n".utf8)))
    #expect(parsed.head.path == "/")
    #expect(parsed.head.query == "x")
    #expect(parsed.head.headers["Host"] == "b:81")
  }

  @Test("a date is written as RFC 9110 shows it")
  func date() { #expect(HTTPTimestamp.text(784_111_777) == "Sun, 06 Nov 1994 08:49:37 GMT") }
}
