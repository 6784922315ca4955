import Omnibus
import OmnibusHTTP
import OmnibusReactor
import Testing

/// Real time-outs, made short: what is expected is the answer, not the moment.
@Suite(.timeLimit(.minutes(5))) struct TimeoutTests {
  private func server(_ change: (inout HTTPLimits) -> Void) throws -> TestServer {
    var limits = HTTPLimits()
    change(&limits)
    return try TestServer(limits: limits)
  }

  @Test("an idle connection is closed without a word")
  func idle() async throws {
    let server = try server { $0.idleTimeout = .milliseconds(50) }
    #expect(try await server.talk { try $0.response() } == nil)
    let second = try await server.talk { client in
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
      #expect(try client.response()?.status == 200)
      return try client.response()
    }
    #expect(second == nil)
  }

  @Test("a header that does not come to its end is answered with 408, also when bytes keep coming")
  func header() async throws {
    let server = try server { $0.headerTimeout = .milliseconds(100) }
    let status = try await server.talk { client in
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n")
      return try client.response()?.status
    }
    #expect(status == 408)
    let isEnded = try await server.talk { client in
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: ")
      // Drips until the server has had enough.
      do { while true { try client.send("a") } } catch { return true }
    }
    #expect(isEnded)
  }

  @Test("silence in a body is answered with 408")
  func body() async throws {
    let server = try server { $0.bodyTimeout = .milliseconds(50) }
    for request in [
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
    ] {
      let status = try await server.talk { client in
        try client.send(request)
        return try client.response()?.status
      }
      #expect(status == 408)
    }
  }

  @Test("silence in a streamed body breaks the stream, and is answered with 408 when nothing else was")
  func streamedBody() async throws {
    var limits = HTTPLimits()
    limits.bodyTimeout = .milliseconds(50)
    let server = try TestServer(
      [
        HTTPEndpoint(method: "POST", path: try PathPattern("/collect"), streamsBody: true) { request in
          guard case .stream(let stream) = request.body else { return HTTPResponse(status: 500) }
          _ = try? await stream.collect(limit: 1000)
          return HTTPResponse(status: 200)
        }
      ], limits: limits)
    let status = try await server.talk { client in
      try client.send("POST /collect HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc")
      return try client.response()?.status
    }
    #expect(status == 408)
  }

  @Test("a client that does not take its answer is cut off")
  func write() async throws {
    var limits = HTTPLimits()
    limits.writeTimeout = .milliseconds(50)
    let body = Body.bytes([UInt8](repeating: 0x61, count: 8 << 20))
    let server = try TestServer(
      [
        HTTPEndpoint(method: "GET", path: try PathPattern("/large")) { _ in HTTPResponse(status: 200, body: body) },
        HTTPEndpoint(method: "GET", path: try PathPattern("/endless")) { _ in
          HTTPResponse(
            status: 200,
            body: .stream(
              BodyStream {
                [UInt8](repeating: 0x61, count: 64 << 10)
              }))
        },
      ], limits: limits)
    for path in ["/large", "/endless"] {
      // The server's reset is what ends the wait: nothing is read until the connection is gone.
      try await server.talk(receiveBuffer: 4096) { client in
        try client.send("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n")
        do { while true { try client.send("x") } } catch {}
      }
    }
  }

  @Test("connections beyond the limit wait until there is room")
  func connections() async throws {
    let server = try server { $0.maxConnections = 2 }
    let port = server.listener.port
    let status = try await TestServer.clients.run {
      var clients = try (0..<3).map { _ in try RawClient(port: port) }
      for client in clients { try client.send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n") }
      _ = try clients[0].response()
      _ = try clients[1].response()
      clients.removeFirst(2)
      return try clients[0].response()?.status
    }
    #expect(status == 200)
  }
}
