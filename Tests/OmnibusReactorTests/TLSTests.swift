import Glibc
import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusReactor

@Suite(.timeLimit(.minutes(5))) struct TLSTests {
  private let authority: TestAuthority
  private let identity: TLSIdentity

  init() throws {
    authority = try TestAuthority()
    identity = try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
  }

  private func server(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> EchoServer {
    var configuration = TLSServerConfiguration(identities: [identity])
    change(&configuration)
    return try EchoServer(try TLSServer(configuration))
  }

  private func client(_ identity: TLSIdentity? = nil) throws -> TLSClient {
    try TLSClient(TLSClientConfiguration(authorities: authority.certificate, identity: identity))
  }

  @Test("bytes go there and back, and both ends end in good order")
  func echo() async throws {
    let server = try server()
    let outcome = try await server.echo(Array("hello".utf8), try client())
    #expect(outcome.received == Array("hello".utf8))
    #expect(outcome.end == .ended)
    #expect(try await eventually { server.ends.all == [.ended] })
    let details = try #require(server.details.all.first)
    #expect(details.version == "TLSv1.3")
    #expect(details.serverName == "localhost")
    #expect(details.peer == nil)
  }

  @Test("twenty megabytes go there and back, though the sockets take and give them in pieces")
  func large() async throws {
    let bytes = (0..<20 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 13) }
    let outcome = try await server().echo(bytes, try client())
    #expect(outcome.received == bytes)
    #expect(outcome.end == .ended)
  }

  @Test("a peer whose bytes come one by one is served, from the handshake on")
  func drip() async throws {
    let server = try server()
    let forwarder = try Forwarder(to: server.listener.address.port)
    let outcome = try await server.echo(Array("slowly".utf8), try client(), through: forwarder.port)
    #expect(outcome.received == Array("slowly".utf8))
  }

  @Test("an end without a word is told apart from one in good order")
  func truncation() async throws {
    let server = try server()
    // The handshake of a client takes some 500 bytes, what is sent some 100,000.
    let forwarder = try Forwarder(to: server.listener.address.port, limit: 20_000)
    let outcome = try await server.echo([UInt8](repeating: 7, count: 100_000), try client(), through: forwarder.port)
    #expect(outcome.end != .ended)
    #expect(outcome.received.count < 20_000)
    #expect(try await eventually { server.ends.all == [.broken(.truncated)] })
  }

  @Test("a server that is not who it should be is refused: its name, its address, its authority, its time")
  func verification() async throws {
    let server = try server()
    let client = try client()
    #expect(try await server.echo([1], client, host: "127.0.0.1").received == [1])
    let otherName = await refused { try await server.connect(client, host: "elsewhere.example") }
    #expect(otherName?.reason == "the certificate of the peer: hostname mismatch")
    let otherAddress = await refused { try await server.connect(client, host: "127.0.0.2") }
    #expect(otherAddress?.reason == "the certificate of the peer: ip address mismatch")
    let stranger = try TLSClient(TLSClientConfiguration())
    #expect(await refused { try await server.connect(stranger) }?.kind == .certificate)
    let expired = try EchoServer(
      try TLSServer(TLSServerConfiguration(identities: [try authority.issueExpired("old")])))
    let late = await refused { try await expired.connect(client) }
    #expect(late?.reason == "the certificate of the peer: certificate has expired")
  }

  @Test("a client is known by its certificate")
  func peer() async throws {
    let server = try server {
      $0.clientAuthorities = authority.certificate
      $0.clientCertificates = .required
    }
    let ward = try authority.issue(
      "ward", subject: "/O=Hospital/CN=ward ä", names: "DNS:ward.example,email:ward@example.org")
    #expect(try await server.echo([1], try client(ward)).received == [1])
    let peer = try #require(server.details.all.first?.peer)
    #expect(peer.subject == "CN=ward ä,O=Hospital")
    #expect(peer.issuer == "CN=test authority")
    #expect(peer.fingerprint.count == 64)
    #expect(!peer.serialNumber.isEmpty)
    #expect(peer.dnsNames == ["ward.example"])
    #expect(peer.emailAddresses == ["ward@example.org"])
  }

  @Test("a client without a certificate, or with one of another authority, is refused where one is required")
  func unknownPeer() async throws {
    let server = try server {
      $0.clientAuthorities = authority.certificate
      $0.clientCertificates = .required
    }
    let stranger = try TestAuthority("stranger")
    for client in [try client(), try client(try stranger.issue("ward", names: "DNS:ward.example"))] {
      // With TLS 1.3 the client learns of it by the first bytes that it reads.
      guard case .broken = try await server.echo([1], client).end else {
        Issue.record("the client was let in")
        continue
      }
    }
    #expect(
      server.ends.all.allSatisfy { if case .broken(let error) = $0 { error.kind == .certificate } else { false } })
    #expect(server.details.all.isEmpty)
  }

  @Test("a peer that never answers a handshake is given up in time")
  func silence() async throws {
    let group = try ReactorGroup(count: 1)
    let listener = try TCPListener.bind(try #require(SocketAddress("127.0.0.1:0")), maxConnections: 10)
    let client = try client()
    let error = await #expect(throws: SystemError.self) {
      try await TCPConnection.connect(
        to: listener.address, on: group.reactors[0], timeout: .milliseconds(100), tls: client, host: "localhost")
    }
    #expect(error?.code == ETIMEDOUT)
    listener.close()
  }

  @Test("handshakes that are given up half way leave no descriptor behind")
  func abandoned() async throws {
    let server = try server()
    let client = try client()
    _ = try await server.echo([1], client)
    for length in 1...200 {
      // What a client would send, cut at any place.
      let forwarder = try Forwarder(to: server.listener.address.port, limit: length)
      _ = await refused { try await server.connect(client, through: forwarder.port) }
    }
    // The last may not be accepted yet.
    #expect(try await eventually { server.ends.all.count == 201 })
    #expect(try await eventually { server.listener.open.load(ordering: .relaxed) == 0 })
  }

  private func refused(_ body: () async throws -> TCPConnection) async -> TLSError? {
    do {
      let connection = try await body()
      connection.reactor.execute { connection.close() }
      return nil
    } catch {
      return error as? TLSError
    }
  }
}
