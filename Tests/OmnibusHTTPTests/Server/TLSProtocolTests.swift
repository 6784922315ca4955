import Foundation
import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

/// What is agreed on with clients of all kinds, and what is not.
@Suite("HTTPS server, protocol", .timeLimit(.minutes(5))) struct TLSProtocolTests {
  private static let request = "GET /tls HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  private let authority: TestAuthority
  private let identity: TLSIdentity

  init() throws {
    authority = try TestAuthority()
    identity = try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
  }

  /// What `openssl s_client` with `arguments` comes to.
  private func talk(
    _ arguments: [String], sending input: String = request, _ change: (inout TLSServerConfiguration) -> Void = { _ in }
  ) async throws -> String {
    let server = try server(change)
    return try await TestServer.clients.run {
      try SecureClient.talk(server.listener.port, arguments, sending: input)
    }
  }

  private func server(_ change: (inout TLSServerConfiguration) -> Void = { _ in }) throws -> TestServer {
    var configuration = TLSServerConfiguration(identities: [identity], protocols: ["http/1.1"])
    change(&configuration)
    return try TestServer(tls: try TLSServer(configuration))
  }

  @Test("TLS 1.2 and 1.3 are spoken", arguments: [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")])
  func versions(_ option: String, _ version: String) async throws {
    let text = try await talk([option, "-CAfile", authority.certificate])
    #expect(text.contains("HTTP/1.1 200 OK"))
    #expect(text.contains("\"version\":\"\(version)\""))
    #expect(text.contains("Verify return code: 0 (ok)"))
  }

  @Test("older versions are refused, whatever the client's own rules", arguments: ["-tls1", "-tls1_1"])
  func oldVersions(_ option: String) async throws {
    let text = try await talk([option, "-cipher", "ALL@SECLEVEL=0"])
    #expect(text.contains("alert protocol version"))
    #expect(!text.contains("HTTP/1.1"))
  }

  @Test("TLS 1.2 is refused where 1.3 is the oldest")
  func minimum() async throws {
    #expect(try await talk(["-tls1_2"]) { $0.minimumVersion = .tls13 }.contains("alert protocol version"))
    #expect(try await talk(["-tls1_3"]) { $0.minimumVersion = .tls13 }.contains("HTTP/1.1 200 OK"))
  }

  @Test(
    "ciphers without forward secrecy or without authenticated encryption are refused",
    arguments: [
      "AES128-SHA", "AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384",
      "ECDHE-ECDSA-AES128-CCM8",
      "DHE-RSA-AES128-GCM-SHA256", "aNULL", "eNULL",
    ])
  func weakCiphers(_ cipher: String) async throws {
    let text = try await talk(["-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0"])
    #expect(!text.contains("HTTP/1.1"))
    #expect(text.contains("alert handshake failure"))
  }

  @Test("groups other than the three that are offered are refused", arguments: ["P-521", "X448", "ffdhe2048"])
  func groups(_ group: String) async throws {
    let text = try await talk(["-tls1_3", "-groups", group])
    #expect(text.contains("alert handshake failure"))
  }

  @Test("renegotiation is refused")
  func renegotiation() async throws {
    let server = try server()
    let text = try await TestServer.clients.run {
      try SecureClient.talk(server.listener.port, ["-tls1_2"], sending: "R\n", commands: true)
    }
    #expect(text.contains("RENEGOTIATING"))
    #expect(text.contains("no renegotiation"))
  }

  @Test("compression is never agreed on")
  func compression() async throws {
    #expect(try await talk(["-tls1_2", "-comp"]).contains("Compression: NONE"))
  }

  @Test("the certificate is the one for the name that the client asks for, else the first")
  func serverName() async throws {
    let second = try authority.issue("second", subject: "/CN=second", names: "DNS:second.example,DNS:*.wild.example")
    for (name, subject) in [
      ("second.example", "second"), ("SECOND.example", "second"), ("a.wild.example", "second"),
      ("a.b.wild.example", "localhost"), ("wild.example", "localhost"), ("unknown.example", "localhost"),
    ] {
      let text = try await talk(["-servername", name]) { $0.identities.append(second) }
      #expect(text.contains("subject=CN = \(subject)\n"), "\(name)")
      #expect(text.contains("\"server_name\":\"\(name)\""))
    }
    #expect(try await talk(["-noservername"]) { $0.identities.append(second) }.contains("subject=CN = localhost\n"))
  }

  @Test("a client that offers protocols is told that HTTP/1.1 is spoken, or refused")
  func protocols() async throws {
    #expect(try await talk(["-alpn", "h2,http/1.1"]).contains("ALPN protocol: http/1.1"))
    #expect(try await talk(["-alpn", "h2"]).contains("alert no application protocol"))
    #expect(try await talk([]).contains("No ALPN negotiated"))
  }

  @Test(
    "clients' certificates: optional lets those in that have none, required does not, and none takes an unknown one")
  func clientCertificates() async throws {
    let stranger = try TestAuthority("stranger")
    let known = Self.arguments(try authority.issue("ward", subject: "/CN=ward", names: "DNS:ward.example"))
    let unknown = Self.arguments(try stranger.issue("other", names: "DNS:ward.example"))
    for version in ["-tls1_2", "-tls1_3"] {
      let optional: (inout TLSServerConfiguration) -> Void = {
        $0.clientAuthorities = authority.certificate
        $0.clientCertificates = .optional
      }
      let required: (inout TLSServerConfiguration) -> Void = {
        optional(&$0)
        $0.clientCertificates = .required
      }
      #expect(try await talk([version] + known, optional).contains("\"peer\":{\"subject\":\"CN=ward\""))
      let anonymous = try await talk([version], optional)
      #expect(anonymous.contains("HTTP/1.1 200 OK") && !anonymous.contains("\"peer\""))
      #expect(try await talk([version] + unknown, optional).contains("alert unknown ca"))
      #expect(try await talk([version] + known, required).contains("\"peer\":{\"subject\":\"CN=ward\""))
      #expect(!(try await talk([version], required).contains("HTTP/1.1")))
      #expect(!(try await talk([version] + unknown, required).contains("HTTP/1.1")))
      // Nobody is asked where it is not said.
      #expect(!(try await talk([version] + known).contains("\"peer\"")))
    }
  }

  @Test("a session is taken up again, with the same client, and without it once the server has new certificates")
  func resumption() async throws {
    let ward = Self.arguments(try authority.issue("ward", subject: "/CN=ward", names: "DNS:ward.example"))
    let file = authority.path("session")
    var configuration = TLSServerConfiguration(identities: [identity], clientAuthorities: authority.certificate)
    configuration.clientCertificates = .required
    let tls = try TLSServer(configuration)
    let server = try TestServer(tls: tls)
    for version in ["-tls1_2", "-tls1_3"] {
      let talk = { (arguments: [String]) in
        try await TestServer.clients.run {
          try SecureClient.talk(server.listener.port, [version] + arguments, sending: Self.request)
        }
      }
      #expect(try await talk(ward + ["-sess_out", file]).contains("\nNew, TLS"))
      let again = try await talk(["-sess_in", file])
      #expect(again.contains("\nReused, TLS"))
      #expect(again.contains("\"subject\":\"CN=ward\""))
      try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
      #expect(tls.refresh() == .renewed)
      #expect(try await talk(ward + ["-sess_in", file]).contains("\nNew, TLS"))
    }
  }

  private static func arguments(_ identity: TLSIdentity) -> [String] {
    ["-cert", identity.certificate, "-key", identity.key]
  }
}
