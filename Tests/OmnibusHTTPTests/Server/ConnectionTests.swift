import Omnibus
import OmnibusHTTP
import OmnibusReactor
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct ConnectionTests {
  private let server: TestServer

  init() throws { server = try TestServer() }

  private func post(_ body: String, _ fields: String = "") -> String {
    "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
  }

  @Test("a request may come one byte at a time")
  func byteByByte() async throws {
    let chunked =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"
    let requests = [post("hello"), chunked, post("again")]
    let bodies = try await server.talk { client in
      try requests.map { request in
        for byte in request.utf8 { try client.send([byte]) }
        return try client.response()?.body
      }
    }
    #expect(bodies == ["hello", "abcde", "again"])
  }

  @Test("requests that come at once are answered in their order")
  func pipelined() async throws {
    let requests = (0..<500).map { post("request \($0)") }.joined()
    let bodies = try await server.talk { client in
      try client.send(requests)
      return try (0..<500).map { _ in try client.response()?.body }
    }
    #expect(bodies == (0..<500).map { "request \($0)" })
  }

  @Test("answers keep their order, whatever the handlers take")
  func order() async throws {
    let gate = Gate()
    let server = try TestServer([
      HTTPEndpoint(method: "GET", path: try PathPattern("/slow")) { _ in
        await gate.wait()
        return HTTPResponse(status: 200, body: .bytes(Array("slow".utf8)))
      },
      HTTPEndpoint(method: "GET", path: try PathPattern("/open")) { _ in
        gate.open()
        return HTTPResponse(status: 200)
      },
    ])
    let bodies = try await server.talk { first in
      try first.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      let second = try RawClient(port: server.listener.port)
      try second.send("GET /open HTTP/1.1\r\nHost: a\r\n\r\n")
      _ = try second.response()
      return [try first.response()?.body, try first.response()?.body]
    }
    #expect(bodies == ["slow", "hello"])
  }

  @Test("a client that closed its sending half gets all its answers")
  func halfClosed() async throws {
    #expect(try await server.statuses(post("a") + post("b") + post("c")) == [200, 200, 200])
  }

  @Test("a request that breaks off gets no answer", arguments: ["GET", "GET /hello HTTP/1.1\r\nHost: a\r\n", "POST"])
  func brokenOff(_ text: String) async throws {
    let text = text == "POST" ? "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab" : text
    #expect(try await server.statuses(text) == [])
  }

  @Test("the connection stays or goes as the client says")
  func persistence() async throws {
    let hello = "GET /hello HTTP/1.1\r\nHost: a\r\n"
    let old = "GET /hello HTTP/1.0\r\n"
    #expect(try await server.statuses(hello + "\r\n" + hello + "\r\n") == [200, 200])
    #expect(try await server.statuses(hello + "Connection: x, Close\r\n\r\n" + hello + "\r\n") == [200])
    #expect(try await server.statuses(old + "\r\n" + hello + "\r\n") == [200])
    #expect(try await server.statuses(old + "Connection: keep-alive\r\n\r\n" + hello + "\r\n") == [200, 200])
  }

  @Test("a server that ends a connection says so, and then does it")
  func close() async throws {
    let response = try await server.talk { client in
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
      let response = try client.response()
      #expect(try client.isClosed())
      return response
    }
    #expect(response?.fields["connection"] == "close")
    #expect(response?.fields["date"]?.hasSuffix(" GMT") == true)
  }

  @Test("HEAD is answered by the handler of GET, with the length and without the body")
  func head() async throws {
    let responses = try await server.talk { client in
      try client.send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\nHEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n")
      let first = try client.response(toHead: true)
      let second = try client.response(toHead: true)
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      return [first, second, try client.response()]
    }
    #expect(responses.map { $0?.status } == [200, 404, 200])
    #expect(responses[0]?.fields["content-length"] == "5")
    #expect(responses[2]?.body == "hello")
  }

  @Test("a path that is served for another method is answered with the methods that are")
  func otherMethod() async throws {
    let responses = try await server.talk { client in
      try client.send(
        "PUT /hello HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n"
          + "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")
      return try (0..<3).map { _ in try client.response() }
    }
    #expect(responses.map { $0?.status } == [405, 204, 204])
    #expect(responses[0]?.fields["allow"] == "GET, HEAD, OPTIONS")
    #expect(responses[1]?.fields["allow"] == "GET, HEAD, OPTIONS")
  }

  @Test("an answer with a header that would break out of its line becomes a 500")
  func responseSplitting() async throws {
    let server = try TestServer([
      HTTPEndpoint(method: "GET", path: try PathPattern("/split")) { _ in
        HTTPResponse(status: 200, headers: ["X": "a\r\nSet-Cookie: b"])
      },
      HTTPEndpoint(method: "GET", path: try PathPattern("/framing")) { _ in
        HTTPResponse(
          status: 200, headers: ["Content-Length": "99", "Transfer-Encoding": "chunked", "Connection": "x"],
          body: .bytes([0x61]))
      },
    ])
    #expect(try await server.statuses("GET /split HTTP/1.1\r\nHost: a\r\n\r\n") == [500])
    let response = try await server.talk { client in
      try client.send("GET /framing HTTP/1.1\r\nHost: a\r\n\r\n")
      return try client.response()
    }
    #expect(response?.body == "a")
    #expect(response?.fields["connection"] == nil)
  }

  @Test("nothing of a stream follows the 500 in its place, and no body where only the header was asked for")
  func unsendableStream() async throws {
    let server = try TestServer([
      HTTPEndpoint(method: "GET", path: try PathPattern("/split")) { _ in
        HTTPResponse(
          status: 200, headers: ["X": "a\r\nb"], body: .stream(BodyStream(length: nil) { Array("more".utf8) }))
      }
    ])
    for method in ["GET", "HEAD"] {
      let (response, rest) = try await server.talk { client in
        try client.send("\(method) /split HTTP/1.1\r\nHost: a\r\n\r\n")
        return (try client.response(toHead: method == "HEAD"), try client.rest())
      }
      #expect(response?.status == 500)
      #expect(response?.fields["connection"] == "close")
      #expect(rest.isEmpty)
    }
  }

  @Test("many clients at once get what is theirs")
  func concurrency() async throws {
    let server = server
    let count = try await withThrowingTaskGroup(of: Int.self) { tasks in
      for client in 0..<32 {
        tasks.addTask {
          try await server.talk { connection in
            var right = 0
            for number in 0..<50 {
              let body = "client \(client) request \(number)"
              try connection.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
              if try connection.response()?.body == body { right += 1 }
            }
            return right
          }
        }
      }
      return try await tasks.reduce(0, +)
    }
    #expect(count == 1600)
  }

  @Test("clients that vanish in mid-request leave the server up")
  func vanish() async throws {
    for _ in 0..<50 {
      try await server.talk { try $0.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc") }
      try await server.talk { try $0.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n") }
    }
    #expect(try await server.statuses(post("still here")) == [200])
  }
}
