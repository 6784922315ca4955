import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusReactor

@Suite(.timeLimit(.minutes(5))) struct TLSFilesTests {
  private let authority: TestAuthority
  private let identity: TLSIdentity

  init() throws {
    authority = try TestAuthority()
    identity = try authority.issue("server", names: "DNS:localhost")
  }

  private func problem(_ identity: TLSIdentity, authorities: String? = nil) -> TLSFileProblem? {
    do throws(TLSFileProblem) {
      _ = try TLSServer(
        TLSServerConfiguration(
          identities: [identity], clientAuthorities: authorities,
          clientCertificates: authorities == nil ? .none : .required))
      return nil
    } catch {
      return error
    }
  }

  @Test("files that cannot be used are told by what is wrong with them")
  func problems() throws {
    let other = try authority.issue("other", names: "DNS:other.example")
    authority.directory.write("text.pem", "no certificate")
    #expect(problem(identity) == nil)
    let missing = problem(TLSIdentity(certificate: "/nonexistent/a.pem", key: identity.key))
    #expect(missing?.description == "/nonexistent/a.pem cannot be read: no such file or directory")
    #expect(missing?.role == .certificate)
    let text = problem(TLSIdentity(certificate: authority.path("text.pem"), key: identity.key))
    #expect(text?.reason == "does not hold a certificate in PEM")
    let noKey = problem(TLSIdentity(certificate: identity.certificate, key: authority.path("text.pem")))
    #expect(noKey?.reason == "does not hold a private key in PEM without a password")
    let mixed = problem(TLSIdentity(certificate: identity.certificate, key: other.key))
    #expect(mixed?.reason == "does not fit the certificate")
    #expect(mixed?.role == .key)
    let folder = problem(identity, authorities: "/tmp")
    #expect(folder?.reason == "is no file")
    #expect(folder?.role == .authorities)
    #expect(problem(identity, authorities: authority.path("text.pem"))?.reason == "does not hold certificates in PEM")
  }

  @Test("a certificate that has expired is used, and told of")
  func expired() throws {
    let expired = try authority.issueExpired("old")
    let server = try TLSServer(TLSServerConfiguration(identities: [identity, expired]))
    #expect(server.invalidCertificates == [expired.certificate])
  }

  @Test("files that changed are taken for new connections; those that cannot be used leave the former in place, once")
  func refresh() async throws {
    let tls = try TLSServer(TLSServerConfiguration(identities: [identity]))
    let server = try EchoServer(tls)
    let client = try TLSClient(TLSClientConfiguration(authorities: authority.certificate))
    let first = try await shown(server, client)
    #expect(tls.refresh() == .unchanged)

    try authority.issue("server", names: "DNS:localhost")
    #expect(tls.refresh() == .renewed)
    #expect(tls.refresh() == .unchanged)
    let second = try await shown(server, client)
    #expect(second != first)

    authority.directory.write("server.pem", "half written")
    guard case .kept(let problem) = tls.refresh() else { throw Unexpected() }
    #expect(problem.reason == "does not hold a certificate in PEM")
    #expect(tls.refresh() == .unchanged)
    #expect(try await shown(server, client) == second)

    try authority.issue("server", names: "DNS:localhost")
    #expect(tls.refresh() == .renewed)
    #expect(try await shown(server, client) != second)
  }

  @Test("what was wrong for a while is told once, and tried again without another change")
  func passingProblem() throws {
    let file = authority.path("watched")
    let problem = TLSFileProblem(.certificate, file, "cannot be read")
    let makes = Mutex<[Result<Int, TLSFileProblem>]>([
      .success(1), .failure(problem), .failure(problem), .success(2), .failure(problem),
    ])
    let material = try TLSMaterial([file], lifetime: .seconds(3600)) { () throws(TLSFileProblem) -> Int in
      try makes.withLock { $0.removeFirst() }.get()
    }
    #expect(material.refresh() == .unchanged)
    authority.directory.write("watched", "a")
    #expect(material.refresh() == .kept(problem))
    #expect(material.refresh() == .unchanged)
    #expect(material.value == 1)
    #expect(material.refresh() == .renewed)
    #expect(material.value == 2)
    #expect(material.refresh() == .unchanged)
    authority.directory.write("watched", "another")
    #expect(material.refresh() == .kept(problem))
  }

  private struct Unexpected: Error {}

  /// The fingerprint of the certificate that the server shows.
  private func shown(_ server: EchoServer, _ client: TLSClient) async throws -> String? {
    let connection = try await server.connect(client)
    return await withUnsafeContinuation { continuation in
      connection.reactor.execute {
        continuation.resume(returning: connection.security?.peer?.fingerprint)
        connection.close()
      }
    }
  }
}
