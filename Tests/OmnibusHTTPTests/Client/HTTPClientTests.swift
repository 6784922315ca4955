import Omnibus
import OmnibusReactor
import Synchronization
import Testing

@testable import OmnibusHTTP

@Suite("HTTP client")
struct HTTPClientTests {
  let reactors: ReactorGroup
  let client: HTTPClient

  init() throws {
    reactors = try ReactorGroup(count: 1)
    client = HTTPClient(reactors: reactors)
  }

  @Test("libcurl looks names up in the background")
  func threadedResolver() { #expect(CurlLibrary.problem == nil) }

  @Test("an answer has its status, headers and body")
  func answer() async throws {
    let peer = try RawPeer.answering("HTTP/1.1 201 Created\r\nContent-Length: 2\r\nX-One: a\r\nx-one:  b \r\n\r\nhi")
    let response = try await client.send(HTTPClientRequest(url: peer.url()))
    #expect(response.status == 201)
    #expect(response.headers.values("x-one") == ["a", "b"])
    #expect(bytes(response) == Array("hi".utf8))
  }

  @Test("a request carries method, path, headers and body, and nothing that was not asked for")
  func request() async throws {
    let seen = Mutex("")
    let peer = try RawPeer { connection in
      guard let head = connection.readHead() else { return }
      let body = connection.read(head.contentLength)
      seen.withLock { $0 = head + String(decoding: body, as: UTF8.self) }
      connection.write("HTTP/1.1 204 No Content\r\n\r\n")
    }
    let response = try await client.send(
      HTTPClientRequest(
        method: "PATCH", url: peer.url("/a%20b?c=d"), headers: ["X-Empty": "", "content-type": "text/plain"],
        content: .bytes(Array("body".utf8))))
    #expect(response.status == 204)
    #expect(
      seen.withLock { $0 } == """
        PATCH /a%20b?c=d HTTP/1.1\r\nHost: 127.0.0.1:\(peer.port)\r\nAccept: */*\r\nX-Empty:\r\n\
        content-type: text/plain\r\nContent-Length: 4\r\n\r\nbody
        """)
  }

  @Test("a body without a content type is not called a form", arguments: [0, 5, 100_000])
  func noContentType(size: Int) async throws {
    let seen = Mutex("")
    let peer = try RawPeer { connection in
      guard let head = connection.readHead() else { return }
      #expect(connection.read(size).count == size)
      seen.withLock { $0 = head.lowercased() }
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    }
    let content = HTTPClientRequest.Content.bytes([UInt8](repeating: 7, count: size))
    _ = try await client.send(HTTPClientRequest(method: "POST", url: peer.url(), content: content))
    #expect(seen.withLock { $0 }.contains("content-length: \(size)\r\n"))
    #expect(!seen.withLock { $0.contains("content-type") || $0.contains("expect") })
  }

  @Test("requests one after another use one connection, whatever their method")
  func reuse() async throws {
    let peer = try RawPeer.answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    for method in ["GET", "POST", "PUT", "GET", "DELETE", "POST"] {
      _ = try await client.send(HTTPClientRequest(method: method, url: peer.url("/\(method)")))
    }
    #expect(peer.connections == 1)
  }

  @Test("a HEAD request has no body to wait for")
  func headRequest() async throws {
    let peer = try RawPeer.answering("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    let response = try await client.send(HTTPClientRequest(method: "HEAD", url: peer.url()))
    #expect(response.status == 200)
    #expect(bytes(response) == nil)
    _ = try await client.send(HTTPClientRequest(method: "HEAD", url: peer.url(), wantsStream: true))
    #expect(peer.connections == 1)
  }

  @Test("interim answers are passed over, folded lines unfolded, trailers left out")
  func oddHeads() async throws {
    let peer = try RawPeer.answering(
      "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\nX-Folded: a\r\n  b\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Trailer: t\r\n\r\n")
    let response = try await client.send(HTTPClientRequest(url: peer.url()))
    #expect(response.status == 200)
    #expect(response.headers["link"] == nil)
    #expect(response.headers["x-trailer"] == nil)
    #expect(response.headers["x-folded"]?.split(separator: " ") == ["a", "b"])
    #expect(bytes(response) == Array("abc".utf8))
  }

  @Test("redirects are answers, unless they are to be followed")
  func redirects() async throws {
    let peer = try RawPeer { connection in
      while let head = connection.readHead() {
        connection.write(
          head.hasPrefix("GET /end")
            ? "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nend"
            : "HTTP/1.1 302 Found\r\nLocation: /end\r\nContent-Length: 4\r\n\r\ngone")
      }
    }
    #expect(try await client.send(HTTPClientRequest(url: peer.url())).status == 302)
    let followed = try await client.send(HTTPClientRequest(url: peer.url(), followsRedirects: true))
    #expect(followed.status == 200)
    #expect(bytes(followed) == Array("end".utf8))
    let post = try await client.send(HTTPClientRequest(method: "POST", url: peer.url(), followsRedirects: true))
    #expect(post.status == 302)
  }

  @Test("line breaks and framing cannot be smuggled in", arguments: ["a\r\nb: c", "a\nb", "a\0b"])
  func injection(value: String) async throws {
    let failure = await failed {
      try await client.send(HTTPClientRequest(url: "http://127.0.0.1:1/", headers: ["x": value]))
    }
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason.contains(value) == false)
    let name = await failed {
      try await client.send(HTTPClientRequest(url: "http://127.0.0.1:1/", headers: [value: "x"]))
    }
    #expect(name?.kind == .invalid)
    let url = await failed { try await client.send(HTTPClientRequest(url: "http://127.0.0.1:1/\(value)")) }
    #expect(url?.kind == .invalid)
    let framing = await failed {
      try await client.send(HTTPClientRequest(url: "http://127.0.0.1:1/", headers: ["Transfer-Encoding": "chunked"]))
    }
    #expect(framing?.kind == .invalid)
  }

  @Test("only http and https are spoken", arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "not a url", ""])
  func otherProtocols(url: String) async throws {
    #expect(await failed { try await client.send(HTTPClientRequest(url: url)) }?.kind == .invalid)
  }

  @Test("kept connections are closed when their reactors go")
  func closing() async throws {
    let (ended, end) = AsyncStream<Void>.makeStream()
    let peer = try RawPeer { connection in
      _ = connection.readHead()
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      connection.waitForEnd()
      end.finish()
    }
    do {
      let client = HTTPClient(reactors: try ReactorGroup(count: 1))
      _ = try await client.send(HTTPClientRequest(url: peer.url()))
    }
    for await _ in ended {}
  }

  @Test("many requests at the same time are answered each with its own")
  func concurrency() async throws {
    let peer = try RawPeer { connection in
      while let head = connection.readHead() {
        let path = head.split(separator: " ")[1]
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(path.utf8.count)\r\n\r\n\(path)")
      }
    }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<200 {
        group.addTask(executorPreference: number.isMultiple(of: 2) ? reactors.reactors[0] : nil) {
          let response = try await client.send(HTTPClientRequest(url: peer.url("/\(number)")))
          #expect(bytes(response) == Array("/\(number)".utf8))
        }
      }
      try await group.waitForAll()
    }
    #expect(peer.connections <= 200)
  }
}

/// The bytes of an answer that was held.
func bytes(_ response: HTTPClientResponse) -> [UInt8]? {
  if case .bytes(let bytes) = response.body { bytes } else { nil }
}

/// The failure that `body` ends in.
func failed(_ body: () async throws -> some Any) async -> Failure? {
  do {
    _ = try await body()
    return nil
  } catch {
    return Failure(error)
  }
}
