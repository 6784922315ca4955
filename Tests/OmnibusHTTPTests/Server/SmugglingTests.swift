import OmnibusHTTP
import Testing

/// Requests that two readers could understand differently, or that nobody should (RFC 9112, 11.2): refused, and nothing
/// that follows on the connection is looked at.
@Suite(.timeLimit(.minutes(5))) struct SmugglingTests {
  private static let next = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"

  private static func post(_ fields: String, _ body: String = "") -> String {
    "POST /echo HTTP/1.1\r\nHost: a\r\n\(fields)\r\n\r\n\(body)"
  }

  static let refused: [(String, Int, String)] = [
    ("two lengths that differ", 400, post("Content-Length: 3\r\nContent-Length: 4", "abcd")),
    ("two lengths that agree", 400, post("Content-Length: 3\r\nContent-Length: 3", "abc")),
    ("a list of lengths", 400, post("Content-Length: 3, 3", "abc")),
    ("a length with a sign", 400, post("Content-Length: +3", "abc")),
    ("a negative length", 400, post("Content-Length: -3", "abc")),
    ("a hexadecimal length", 400, post("Content-Length: 0x3", "abc")),
    ("a length with a space in it", 400, post("Content-Length: 1 0", "abc")),
    ("an empty length", 400, post("Content-Length: ", "abc")),
    ("a length beyond what fits", 400, post("Content-Length: 99999999999999999999999", "abc")),
    ("a length and a coding", 400, post("Content-Length: 3\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    ("a coding and a length", 400, post("Transfer-Encoding: chunked\r\nContent-Length: 3", "0\r\n\r\n")),
    ("two codings", 400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    ("a list of codings", 501, post("Transfer-Encoding: gzip, chunked", "0\r\n\r\n")),
    ("chunked twice", 501, post("Transfer-Encoding: chunked, chunked", "0\r\n\r\n")),
    ("chunked not last", 501, post("Transfer-Encoding: chunked, identity", "0\r\n\r\n")),
    ("another coding", 501, post("Transfer-Encoding: identity", "abc")),
    ("a coding with a vertical tab", 400, post("Transfer-Encoding: \u{B}chunked", "0\r\n\r\n")),
    ("a quoted coding", 501, post("Transfer-Encoding: \"chunked\"", "0\r\n\r\n")),
    ("an empty coding", 501, post("Transfer-Encoding:", "0\r\n\r\n")),
    ("a coding in HTTP/1.0", 400, "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ("a bare LF after the request line", 400, "GET /hello HTTP/1.1\nHost: a\r\n\r\n"),
    ("a bare LF after a field", 400, "GET /hello HTTP/1.1\r\nHost: a\n\r\n"),
    ("a bare LF for the empty line", 400, "GET /hello HTTP/1.1\r\nHost: a\r\n\n"),
    ("a bare LF before the request", 400, "\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a bare CR in a value", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n"),
    ("a bare CR after a name", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX\r: a\r\n\r\n"),
    ("two CR before LF", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\r\r\n\r\n"),
    ("a folded line", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n"),
    ("a first line that is folded", 400, "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n"),
    ("a folded line with a tab", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\r\n\tb\r\n\r\n"),
    ("a space before the colon", 400, post("Content-Length : 3", "abc")),
    ("a tab before the colon", 400, post("Content-Length\t: 3", "abc")),
    ("no colon", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX\r\n\r\n"),
    ("no name", 400, "GET /hello HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n"),
    ("a NUL in a value", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n"),
    ("a NUL in a name", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n"),
    ("a DEL in a value", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: a\u{7F}b\r\n\r\n"),
    ("an escape far into a value", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nX: 01234567890123456789\u{1B}\r\n\r\n"),
    ("a name that is not ASCII", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nÄ: a\r\n\r\n"),
    ("a name in brackets", 400, "GET /hello HTTP/1.1\r\nHost: a\r\n[X]: a\r\n\r\n"),
    ("no Host", 400, "GET /hello HTTP/1.1\r\nX: a\r\n\r\n"),
    ("no fields at all", 400, "GET /hello HTTP/1.1\r\n\r\n"),
    ("two Hosts", 400, "GET /hello HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"),
    ("two Hosts in HTTP/1.0", 400, "GET /hello HTTP/1.0\r\nHost: a\r\nhost: b\r\n\r\n"),
    ("a Host with a space", 400, "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n"),
    ("a Host with a path", 400, "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n"),
    ("an empty line before the request", 400, "\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a bare CR before the request", 400, "\rGET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a Host with a user", 400, "GET /hello HTTP/1.1\r\nHost: a@b\r\n\r\n"),
    ("no version", 400, "GET /hello\r\nHost: a\r\n\r\n"),
    ("a version in lower case", 400, "GET /hello http/1.1\r\nHost: a\r\n\r\n"),
    ("a version with two digits", 400, "GET /hello HTTP/1.10\r\nHost: a\r\n\r\n"),
    ("a version without a dot", 400, "GET /hello HTTP/11\r\nHost: a\r\n\r\n"),
    ("HTTP/2.0", 505, "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n"),
    ("HTTP/0.9 with a version", 505, "GET /hello HTTP/0.9\r\nHost: a\r\n\r\n"),
    ("the preface of HTTP/2", 505, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("a space after the version", 400, "GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n"),
    ("a space in the target", 400, "GET /hel lo HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two spaces before the target", 400, "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two spaces after the target", 400, "GET /hello  HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a space before the method", 400, " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a tab for a space", 400, "GET\t/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a method with a bracket", 400, "GE{T /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a method that is too long", 501, String(repeating: "A", count: 100) + " /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target without a slash", 400, "GET hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with a fragment", 400, "GET /hello#a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target that is not ASCII", 400, "GET /hellö HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with a NUL", 400, "GET /hello\0 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with half an escape", 400, "GET /hello%2 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target of another scheme", 400, "GET ftp://a/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target without a host", 400, "GET http:///hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a star for GET", 400, "GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("CONNECT", 501, "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("an unknown expectation", 417, post("Expect: magic\r\nContent-Length: 0")),
    ("a hello of TLS", 400, "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}"),
    ("garbage", 400, "\u{1}\u{2}\u{3}\r\n\r\n"),
    ("a chunk size that is no number", 400, post("Transfer-Encoding: chunked", "x\r\nabc\r\n0\r\n\r\n")),
    ("a chunk without a size", 400, post("Transfer-Encoding: chunked", "\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size with a sign", 400, post("Transfer-Encoding: chunked", "+3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size with a prefix", 400, post("Transfer-Encoding: chunked", "0x3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size before a space", 400, post("Transfer-Encoding: chunked", "3 \r\nabc\r\n0\r\n\r\n")),
    (
      "a chunk size that wraps around", 400, post("Transfer-Encoding: chunked", "10000000000000003\r\nabc\r\n0\r\n\r\n")
    ),
    ("a chunk size of all ones", 413, post("Transfer-Encoding: chunked", "7fffffffffffff\r\n" + big)),
    ("a chunk size that ends in LF", 400, post("Transfer-Encoding: chunked", "3\nabc\r\n0\r\n\r\n")),
    ("a chunk that is too long", 400, post("Transfer-Encoding: chunked", "3\r\nabcd\r\n0\r\n\r\n")),
    ("a chunk that ends in LF", 400, post("Transfer-Encoding: chunked", "3\r\nabc\n0\r\n\r\n")),
    ("an extension with LF", 400, post("Transfer-Encoding: chunked", "3;a\nabc\r\n0\r\n\r\n")),
    ("an extension with NUL", 400, post("Transfer-Encoding: chunked", "3;a\0\r\nabc\r\n0\r\n\r\n")),
    ("endless extensions", 400, post("Transfer-Encoding: chunked", "3;" + String(repeating: "a", count: 5000))),
    ("a trailer without a colon", 400, post("Transfer-Encoding: chunked", "0\r\nabc\r\n\r\n")),
    ("a trailer with a bare LF", 400, post("Transfer-Encoding: chunked", "0\r\na: b\n\r\n")),
    ("endless trailers", 431, post("Transfer-Encoding: chunked", "0\r\n" + String(repeating: "a: b\r\n", count: 200))),
    ("a field that never ends", 431, "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + String(repeating: "a", count: 40_000)),
    ("more fields than may be", 431, "GET /hello HTTP/1.1\r\n" + String(repeating: "a: b\r\n", count: 101)),
    ("a target that never ends", 414, "GET /" + String(repeating: "a", count: 9000)),
    ("a target that is too long", 414, "GET /\(String(repeating: "a", count: 9000)) HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a body that is too large", 413, post("Content-Length: 1048577", "abc")),
    // CL.TE and TE.CL, each with the disguises by which one of two readers misses one of the fields.
    ("CL.TE", 400, post("Content-Length: 6\r\nTransfer-Encoding: chunked", "0\r\n\r\nG")),
    ("TE.CL", 400, post("Transfer-Encoding: chunked\r\nContent-Length: 4", "5c\r\n\(next)\r\n0\r\n\r\n")),
    ("CL.TE, a space before the colon", 400, post("Content-Length: 6\r\nTransfer-Encoding : chunked", "0\r\n\r\nG")),
    ("CL.TE, a tab before the value", 400, post("Content-Length: 6\r\nTransfer-Encoding:\tchunked", "0\r\n\r\nG")),
    ("CL.TE, a vertical tab", 400, post("Content-Length: 6\r\nTransfer-Encoding:\u{B}chunked", "0\r\n\r\nG")),
    ("CL.TE, a form feed", 400, post("Content-Length: 6\r\nTransfer-Encoding: chunked\u{C}", "0\r\n\r\nG")),
    ("CL.TE, a folded value", 501, post("Content-Length: 6\r\nTransfer-Encoding:\r\n chunked", "0\r\n\r\nG")),
    ("CL.TE, a folded name", 400, post("Content-Length: 6\r\nX: y\r\n Transfer-Encoding: chunked", "0\r\n\r\nG")),
    ("CL.TE, a bare LF", 400, post("Content-Length: 6\r\nX: y\nTransfer-Encoding: chunked", "0\r\n\r\nG")),
    ("CL.TE, a bare CR", 400, post("Content-Length: 6\r\nX: y\rTransfer-Encoding: chunked", "0\r\n\r\nG")),
    ("CL.TE, a NUL in the name", 400, post("Content-Length: 6\r\nTransfer-Encoding\0: chunked", "0\r\n\r\nG")),
    ("CL.TE, a prefix of the value", 501, post("Content-Length: 6\r\nTransfer-Encoding: xchunked", "0\r\n\r\nG")),
    ("CL.TE, a comma before the value", 501, post("Content-Length: 6\r\nTransfer-Encoding: ,chunked", "0\r\n\r\nG")),
    ("CL.TE, identity", 501, post("Content-Length: 6\r\nTransfer-Encoding: identity", "0\r\n\r\nG")),
    ("CL.TE, a parameter", 501, post("Content-Length: 6\r\nTransfer-Encoding: chunked;a=b", "0\r\n\r\nG")),
    ("TE.TE, the second unknown", 400, post("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "0\r\n\r\n")),
    ("TE.TE, the first unknown", 501, post("Transfer-Encoding: x\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    ("TE.TE, the case differs", 400, post("Transfer-Encoding: chunked\r\ntransfer-encoding: Chunked", "0\r\n\r\n")),
    ("CL.0, a body for GET by a length with a space", 400, post("Content-Length : 41", next)),
    ("a length with a vertical tab", 400, post("Content-Length: 3\u{B}", "abc")),
    ("a length that ends in a comma", 400, post("Content-Length: 3,", "abc")),
    ("a length with a fraction", 400, post("Content-Length: 3.0", "abc")),
    ("a length with an exponent", 400, post("Content-Length: 3e0", "abc")),
    ("a length in other digits", 400, post("Content-Length: \u{663}", "abc")),
    ("a length that wraps around", 400, post("Content-Length: 18446744073709551619", "abc")),
    ("a length folded", 400, post("Content-Length:\r\n 3", "abc")),
    ("a chunk size with an underscore", 400, post("Transfer-Encoding: chunked", "3_0\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size after a space", 400, post("Transfer-Encoding: chunked", " 3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size before a tab", 400, post("Transfer-Encoding: chunked", "3\t\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size with a comma", 400, post("Transfer-Encoding: chunked", "3,3\r\nabc\r\n0\r\n\r\n")),
    ("a negative chunk size", 400, post("Transfer-Encoding: chunked", "-3\r\nabc\r\n0\r\n\r\n")),
    ("a chunk size of 16 digits", 400, post("Transfer-Encoding: chunked", "ffffffffffffffff\r\nabc")),
    ("a chunk size of endless zeros", 400, post("Transfer-Encoding: chunked", String(repeating: "0", count: 5000))),
    ("a bare CR after a chunk size", 400, post("Transfer-Encoding: chunked", "3\rabc\r\n0\r\n\r\n")),
    ("two CR after a chunk size", 400, post("Transfer-Encoding: chunked", "3\r\r\nabc\r\n0\r\n\r\n")),
    ("a bare CR in an extension", 400, post("Transfer-Encoding: chunked", "3;a\rb\r\nabc\r\n0\r\n\r\n")),
    ("an extension that ends in LF after CR CR", 400, post("Transfer-Encoding: chunked", "3;a\r\r\nabc\r\n0\r\n\r\n")),
    ("a chunk without its end", 400, post("Transfer-Encoding: chunked", "3\r\nabc0\r\n\r\n")),
    ("a chunk that ends in CR CR", 400, post("Transfer-Encoding: chunked", "3\r\nabc\r\r0\r\n\r\n")),
    ("a last chunk with a sign", 400, post("Transfer-Encoding: chunked", "3\r\nabc\r\n-0\r\n\r\n")),
    ("a last line that is a bare LF", 400, post("Transfer-Encoding: chunked", "0\r\n\n")),
    ("a trailer with a space before its colon", 400, post("Transfer-Encoding: chunked", "0\r\nX : y\r\n\r\n")),
    ("a folded trailer", 400, post("Transfer-Encoding: chunked", "0\r\nX: y\r\n z\r\n\r\n")),
    ("a trailer with a NUL", 400, post("Transfer-Encoding: chunked", "0\r\nX: \0\r\n\r\n")),
    ("a coding in the trailers", 400, post("Transfer-Encoding: chunked", "0\r\nTransfer-Encoding: chunked\r\n\r\n")),
    ("a bad length in the trailers", 400, post("Transfer-Encoding: chunked", "0\r\nContent-Length: x\r\n\r\n")),
    (
      "two lengths in the trailers", 400,
      post("Transfer-Encoding: chunked", "0\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")
    ),
    (
      "a trailer that never ends", 431,
      post("Transfer-Encoding: chunked", "0\r\nX: " + String(repeating: "a", count: 40_000))
    ),
    ("a Host with two ports", 400, "GET /hello HTTP/1.1\r\nHost: a:80:80\r\n\r\n"),
    ("a Host with a port that is no number", 400, "GET /hello HTTP/1.1\r\nHost: a:http\r\n\r\n"),
    ("two Hosts in one field", 400, "GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    ("a Host with an open bracket", 400, "GET /hello HTTP/1.1\r\nHost: [::1\r\n\r\n"),
    ("a Host of two lines", 400, "GET /hello HTTP/1.1\r\nHost: a\r\n b\r\n\r\n"),
    ("a target that names a user", 400, "GET http://b@a/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with a port that is no number", 400, "GET http://a:b/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with a port alone", 400, "GET http://:80/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target in authority form", 400, "GET a:80 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with a backslash", 400, "GET /a\\b HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a target with CR", 400, "GET /hello\rX HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a version with a NUL", 400, "GET /hello HTTP/1.1\0\r\nHost: a\r\n\r\n"),
    ("a version with a comma", 400, "GET /hello HTTP/1,1\r\nHost: a\r\n\r\n"),
    ("HTTP/3.1", 505, "GET /hello HTTP/3.1\r\nHost: a\r\n\r\n"),
    ("two expectations", 417, post("Expect: 100-continue, x\r\nContent-Length: 0")),
    (
      "an HTTP/1.0 length beside a coding", 400,
      "POST /echo HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"
    ),
  ]

  private static let big = String(repeating: "a", count: (1 << 20) + 1)

  @Test("what cannot be read in one way only is refused, once", arguments: refused)
  func refuses(_ name: String, _ status: Int, _ request: String) async throws {
    let server = try Self.server.get()
    #expect(try await server.statuses(request + Self.next) == [status], "\(name)")
  }

  @Test("what follows a good request is refused like anything else")
  func second() async throws {
    let server = try Self.server.get()
    #expect(try await server.statuses(Self.next + "GET /hello HTTP/1.1\nHost: a\r\n\r\n" + Self.next) == [200, 400])
  }

  @Test("a refusal says why, as a problem document, and that the connection ends")
  func problem() async throws {
    let server = try Self.server.get()
    let response = try await server.talk { client in
      try client.send(Self.post("Content-Length: 3, 3", "abc"))
      let response = try client.response()
      #expect(try client.isClosed())
      return response
    }
    #expect(response?.fields["connection"] == "close")
    #expect(response?.fields["content-type"] == "application/problem+json")
    #expect(
      response?.body == #"{"status":400,"title":"Bad Request","detail":"Content-Length is not one decimal number"}"#)
  }

  static let accepted: [(String, String)] = [
    ("white space around a value", "GET /hello HTTP/1.1\r\nHost: \t a \t \r\nX:\r\nY: \t\r\n\r\n"),
    ("names in any case", "GET /hello HTTP/1.1\r\nhOST: a\r\nCONTENT-LENGTH: 0\r\n\r\n"),

    ("a target with its host", "GET http://b:80/hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a later minor version", "GET /hello HTTP/1.7\r\nHost: a\r\n\r\n"),
    ("an empty Host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n"),
    ("bytes beyond ASCII in a value", "GET /hello HTTP/1.1\r\nHost: a\r\nX: größe\r\n\r\n"),
    ("a query with a bar", "GET /hello?identifier=a|b&x[]=1 HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("escapes in the path", "GET /%68ello HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("100 fields", "GET /hello HTTP/1.1\r\nHost: a\r\n\(String(repeating: "a: b\r\n", count: 99))\r\n"),
    ("chunked in capitals", post("Transfer-Encoding: CHUNKED", "3\r\nabc\r\n0\r\n\r\n")),
    ("leading zeros of a chunk size", post("Transfer-Encoding: chunked", "0003\r\nabc\r\n00\r\n\r\n")),
    ("chunk extensions", post("Transfer-Encoding: chunked", "3;a=\"b c\"\r\nabc\r\n0;x\r\n\r\n")),
    ("trailers", post("Transfer-Encoding: chunked", "3\r\nabc\r\n0\r\nX: y\r\nContent-Length: 9\r\n\r\n")),
  ]

  @Test("what is unusual and allowed is served", arguments: accepted)
  func accepts(_ name: String, _ request: String) async throws {
    let server = try Self.server.get()
    #expect(try await server.statuses(request + Self.next) == [200, 200], "\(name)")
  }

  private static let server = Result { try TestServer() }
}
