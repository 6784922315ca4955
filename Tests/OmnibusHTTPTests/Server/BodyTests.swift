import Omnibus
import OmnibusHTTP
import OmnibusReactor
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct BodyTests {
  @Test("a client that asks before it sends is told to go on, and only where the body is wanted")
  func expectContinue() async throws {
    let server = try TestServer()
    let statuses = try await server.talk { client in
      try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
      let first = try client.response()?.status
      try client.send("abc")
      let second = try client.response()
      #expect(second?.body == "abc")
      try client.send("POST /nothing HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n")
      let third = try client.response()?.status
      #expect(try client.isClosed())
      return [first, second?.status, third]
    }
    #expect(statuses == [100, 200, 404])
    let tooLarge = try await server.statuses(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9999999\r\n\r\n")
    #expect(tooLarge == [413])
  }

  @Test("a request that is refused by its header is answered before its body is asked for, and the connection ends")
  func refusedByHeader() async throws {
    let endpoint = HTTPEndpoint(
      method: nil, path: try PathPattern("/guarded"),
      admit: { headers, _, hasBody, _ in
        if headers.contains("x-key") { return nil }
        return HTTPResponse(status: 401, headers: ["X-Body": "\(hasBody)"], body: .bytes(Array("no".utf8)))
      }
    ) { HTTPResponse(status: 200, body: $0.body) }
    let server = try TestServer([endpoint])
    try await server.talk { client in
      // Without a body the connection stays.
      try client.send("GET /guarded HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.response()?.fields["x-body"] == "false")
      try client.send("POST /guarded HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
      #expect(try client.response()?.fields["connection"] == nil)
      try client.send("HEAD /guarded HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.response(toHead: true)?.fields["content-length"] == "2")
      let head = "POST /guarded HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n"
      try client.send(head + "X-Key: k\r\n\r\n")
      #expect(try client.response()?.status == 100)
      try client.send("abc")
      #expect(try client.response()?.body == "abc")
      try client.send(head + "\r\n")
      let refused = try client.response()
      #expect(refused?.status == 401)
      #expect(refused?.body == "no")
      #expect(refused?.fields["x-body"] == "true")
      #expect(refused?.fields["connection"] == "close")
      #expect(try client.isClosed())
    }
    let chunked = try await server.statuses(
      "POST /guarded HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        + "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(chunked == [401])
  }

  @Test("a body that was sent already gets no invitation")
  func expectWithBody() async throws {
    let server = try TestServer()
    #expect(
      try await server.statuses(
        "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc") == [200])
  }

  @Test("a refusal of a large body reaches a client that is still sending")
  func lingering() async throws {
    let server = try TestServer()
    let status = try await server.talk { client in
      try client.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5000000\r\n\r\n")
      try client.send([UInt8](repeating: 0x61, count: 300_000))
      return try client.response()?.status
    }
    #expect(status == 413)
  }

  @Test("a large body streams through, of known length and chunked", arguments: [false, true])
  func streams(_ isChunked: Bool) async throws {
    let server = try TestServer()
    let body = (0..<200_000).map { "line \($0)\n" }.joined()
    let response = try await server.talk { client in
      if isChunked {
        try client.send("POST /stream HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
      } else {
        try client.send("POST /stream HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n")
      }
      // A thread of its own sends, because the answer comes meanwhile.
      let sender = Sender(client)
      let sent = Task {
        try await TestServer.clients.run {
          let bytes = Array(body.utf8)
          for start in stride(from: 0, to: bytes.count, by: 50_000) {
            let piece = Array(bytes[start..<min(start + 50_000, bytes.count)])
            if isChunked { try sender.client.send("\(String(piece.count, radix: 16))\r\n") }
            try sender.client.send(piece)
            if isChunked { try sender.client.send("\r\n") }
          }
          if isChunked { try sender.client.send("0\r\n\r\n") }
        }
      }
      defer { sent.cancel() }
      return try client.response()
    }
    #expect(response?.body == body)
    #expect(response?.fields["transfer-encoding"] == (isChunked ? "chunked" : nil))
  }

  /// Lets one thread send while another reads.
  // @unchecked: sending and reading of a socket share nothing.
  private final class Sender: @unchecked Sendable {
    let client: RawClient
    init(_ client: RawClient) { self.client = client }
  }

  @Test("a stream that turns out wrong breaks for the handler, and the client is told")
  func brokenStream() async throws {
    let noted = Noted()
    let server = try TestServer([
      HTTPEndpoint(method: "POST", path: try PathPattern("/collect"), maxBody: 1000, streamsBody: true) { request in
        guard case .stream(let stream) = request.body else { return HTTPResponse(status: 200) }
        do {
          _ = try await stream.collect(limit: 1 << 20)
          return HTTPResponse(status: 200)
        } catch {
          noted.value.withLock { $0 = Failure(error).reason }
          return HTTPResponse(status: 500)
        }
      }
    ])
    let start = "POST /collect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(try await server.statuses(start + "3\r\nabc\r\nx\r\n") == [400])
    #expect(noted.value.withLock { $0 } == "a chunk has no size")
    let large = String(repeating: "a", count: 2000)
    #expect(try await server.statuses(start + "7d0\r\n\(large)\r\n0\r\n\r\n") == [413])
    #expect(try await server.statuses(start + "3\r\nabc\r\n0\r\n\r\n") == [200])
  }

  private final class Noted: Sendable {
    let value = Mutex<String?>(nil)
  }

  @Test("a handler that answers without reading its stream ends the connection")
  func unread() async throws {
    let server = try TestServer([
      HTTPEndpoint(method: "POST", path: try PathPattern("/no"), maxBody: 1 << 30, streamsBody: true) { _ in
        HTTPResponse(status: 403)
      }
    ])
    let response = try await server.talk { client in
      try client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: 100000000\r\n\r\nabc")
      let response = try client.response()
      #expect(try client.isClosed())
      return response
    }
    #expect(response?.status == 403)
    #expect(response?.fields["connection"] == "close")
  }

  @Test("a client that reads slowly keeps the answer's stream waiting")
  func slowReader() async throws {
    let pieces = Counter()
    let server = try TestServer([
      HTTPEndpoint(method: "GET", path: try PathPattern("/large")) { _ in
        HTTPResponse(
          status: 200,
          body: .stream(
            BodyStream {
              let number = pieces.value.add(1, ordering: .relaxed).newValue
              return number <= 160 ? [UInt8](repeating: 0x61, count: 64 << 10) : nil
            }))
      }
    ])
    let (before, body) = try await server.talk(receiveBuffer: 4096) { client in
      try client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
      let other = try RawClient(port: server.listener.port)
      // Some hundred requests of another client later the stream has come as far as it can.
      for _ in 0..<200 {
        try other.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try other.response()
      }
      let before = pieces.value.load(ordering: .relaxed)
      return (before, try client.response()?.body.utf8.count)
    }
    #expect(before < 120)
    #expect(body == 160 * (64 << 10))
  }

  private final class Counter: Sendable {
    let value = Atomic(0)
  }

  @Test("a request stream that nobody reads stops the client")
  func fullStream() async throws {
    let gate = Gate()
    let server = try TestServer([
      HTTPEndpoint(method: "POST", path: try PathPattern("/later"), maxBody: 1 << 30, streamsBody: true) { request in
        await gate.wait()
        guard case .stream(let stream) = request.body else { return HTTPResponse(status: 500) }
        var count = 0
        while let piece = try? await stream.next() { count += piece.count }
        return HTTPResponse(status: 200, body: .bytes(Array("\(count)".utf8)))
      }
    ])
    let response = try await server.talk { client in
      let size = 32 << 20
      try client.send("POST /later HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
      let sender = Sender(client)
      let sent = Counter()
      let task = Task {
        try await TestServer.clients.run {
          for _ in 0..<512 {
            try sender.client.send([UInt8](repeating: 0x61, count: 64 << 10))
            sent.value.add(1, ordering: .relaxed)
          }
        }
      }
      defer { task.cancel() }
      let other = try RawClient(port: server.listener.port)
      for _ in 0..<500 {
        try other.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try other.response()
      }
      #expect(sent.value.load(ordering: .relaxed) < 400)
      gate.open()
      return try client.response()
    }
    #expect(response?.body == "\(32 << 20)")
  }

  @Test("an answer whose stream fails is cut so that the client sees it")
  func failingAnswer() async throws {
    struct Broken: Error {}
    let server = try TestServer([
      HTTPEndpoint(method: "GET", path: try PathPattern("/cut")) { _ in
        let pieces = Counter()
        return HTTPResponse(
          status: 200,
          body: .stream(
            BodyStream {
              if pieces.value.add(1, ordering: .relaxed).oldValue > 0 { throw Broken() }
              return [0x61, 0x62]
            }))
      }
    ])
    let isCut = try await server.talk { client in
      try client.send("GET /cut HTTP/1.1\r\nHost: a\r\n\r\n")
      do {
        let text = String(decoding: try client.rest(), as: UTF8.self)
        return !text.hasSuffix("0\r\n\r\n")
      } catch {
        return true
      }
    }
    #expect(isCut)
  }
}
