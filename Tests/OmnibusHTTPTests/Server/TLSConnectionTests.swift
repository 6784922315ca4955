import Foundation
import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

/// What HTTP/1.1 asks of a connection holds over TLS, too.
@Suite("HTTPS server, connections", .timeLimit(.minutes(5))) struct TLSConnectionTests {
  private let authority: TestAuthority
  private let tls: TLSServer
  private let client: TLSClient

  init() throws {
    authority = try TestAuthority()
    let identity = try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
    tls = try TLSServer(TLSServerConfiguration(identities: [identity], protocols: ["http/1.1"]))
    client = try TLSClient(TLSClientConfiguration(authorities: authority.certificate))
  }

  /// A server whose patience a machine that is busy with other tests does not try: the client's half of a handshake waits
  /// for its turn among them.
  private static var patience: HTTPLimits {
    var limits = HTTPLimits()
    limits.headerTimeout = .seconds(120)
    return limits
  }

  private func connect(_ server: TestServer) async throws -> TCPConnection {
    try await TCPConnection.connect(
      to: server.listener.address, on: server.reactors.next(), timeout: .seconds(120), tls: client, host: "localhost")
  }

  private func exchange(_ server: TestServer, _ text: String, shutsDown: Bool = false) async throws -> (String, Bool) {
    let outcome = await SecureExchange.run(
      try await connect(server), sending: Array(text.utf8), shutsDown: shutsDown)
    return (String(decoding: outcome.received, as: UTF8.self), outcome.end == .ended)
  }

  @Test("requests that come at once are answered in their order, and the connection ends in good order")
  func pipelining() async throws {
    let bodies = (0..<200).map { "body \($0)" }
    var text = ""
    for body in bodies { text += "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.count)\r\n\r\n\(body)" }
    text += "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    let (answers, isOrderly) = try await exchange(TestServer(limits: Self.patience, tls: tls), text)
    let found = answers.matches(of: /\r\n\r\n(body \d+|hello)/).map { String($0.1) }
    #expect(found == bodies + ["hello"])
    #expect(isOrderly)
  }

  @Test("a client that has said its last word gets its answer")
  func halfClose() async throws {
    let text = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
    let (answer, isOrderly) = try await exchange(TestServer(limits: Self.patience, tls: tls), text, shutsDown: true)
    #expect(answer.hasSuffix("\r\n\r\nhello"))
    #expect(isOrderly)
  }

  @Test("large bodies go both ways, held and streamed, one after another on a connection that is kept")
  func large() async throws {
    let server = try TestServer(limits: Self.patience, tls: tls)
    let client = HTTPClient(reactors: server.reactors)
    for (path, size) in [("/echo", 1 << 20), ("/stream", 12_345_678), ("/echo", 100_001), ("/stream", 3_000_000)] {
      let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ $0 >> 11) }
      let answer = try await client.send(
        HTTPClientRequest(
          method: "POST", url: "https://localhost:\(server.listener.port)\(path)", content: .bytes(body),
          maxResponse: 20 << 20, tls: TLSClientConfiguration(authorities: authority.certificate)))
      guard case .bytes(let echoed) = answer.body else { throw Failure(.internal, "no body") }
      #expect(echoed == body)
    }
  }

  @Test("a client that reads nothing of a large answer is not buffered for without bound")
  func stalled() async throws {
    var limits = Self.patience
    limits.writeTimeout = .milliseconds(200)
    let server = try TestServer(
      [
        HTTPEndpoint(method: "GET", path: try PathPattern("/large")) { _ in
          HTTPResponse(status: 200, body: .bytes([UInt8](repeating: 7, count: 64 << 20)))
        }
      ], limits: limits, tls: tls)
    let connection = try await connect(server)
    let request = Array("GET /large HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
    connection.reactor.execute { _ = request.withUnsafeBytes { connection.write($0) } }
    // The connection is ended by the server, so that its listener can end.
    await server.listener.close()
    connection.reactor.execute { connection.close() }
  }

  @Test("HTTP in the clear on a port that speaks HTTPS is told so with 400")
  func plainHTTP() async throws {
    let server = try TestServer(limits: Self.patience, tls: tls)
    let answer = try await server.talk { client in
      try client.send("GET /hello HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n")
      return (try client.response(), client.isBroken())
    }
    #expect(answer.0?.status == 400)
    #expect(answer.0?.body.contains("this port speaks https, not http") == true)
    #expect(answer.1)
  }

  @Test(
    "what is neither HTTP nor TLS is refused at once", arguments: ["SSH-2.0-x\r\n", "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"])
  func other(_ text: String) async throws {
    #expect(
      try await TestServer(limits: Self.patience, tls: tls).talk { client in
        try client.send(text)
        return client.isBroken()
      })
  }

  @Test("a handshake of TLS on a port that speaks HTTP is refused at once")
  func tlsToPlain() async throws {
    let isClosed = try await TestServer().talk { client in
      // The beginning of a handshake, and no line end.
      try client.send([0x16, 0x03, 0x01, 0x01, 0x00, 0x01, 0x00, 0x00, 0xFC, 0x03, 0x03])
      let answer = try client.response()
      return answer?.status == 400 && client.isBroken()
    }
    #expect(isClosed)
  }

  @Test("a handshake must come to its end within the time for a header", arguments: ["", "\u{16}", "\u{16}\u{3}\u{1}"])
  func slowHandshake(_ beginning: String) async throws {
    var limits = HTTPLimits()
    limits.headerTimeout = .milliseconds(100)
    let server = try TestServer(limits: limits, tls: tls)
    #expect(
      try await server.talk { client in
        try client.send(beginning)
        return client.isBroken()
      })
  }

  @Test("connections are told that the server ends, and end in good order")
  func graceful() async throws {
    let server = try TestServer(limits: Self.patience, tls: tls)
    let connection = try await connect(server)
    async let outcome = SecureExchange.run(
      connection, sending: Array("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    // Where the request came too late the connection is closed without an answer, which is as good.
    await server.listener.close()
    #expect(await outcome.end == .ended)
  }
}
