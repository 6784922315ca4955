import Foundation
import OmnibusTesting
import Testing

/// The program with a route that speaks TLS, and a client that knows nothing of Omnibus: Python's.
@Suite("TLS, the program", .timeLimit(.minutes(5))) struct TLSTests {
  private static let client = """
    import http.client, ssl, sys
    port, authority, certificate, key, version = sys.argv[1:]
    context = ssl.create_default_context(cafile=authority)
    context.maximum_version = ssl.TLSVersion[version]
    if certificate: context.load_cert_chain(certificate, key)
    try:
      connection = http.client.HTTPSConnection("localhost", int(port), context=context, timeout=20)
      for _ in range(2):
        connection.request("POST", "/who", b"")
        answer = connection.getresponse().read().decode()
      print("answer", answer)
    except (ssl.SSLError, ConnectionError) as error:
      print("refused", error)
    """

  private let authority: TestAuthority
  private let port: UInt16

  init() throws {
    authority = try TestAuthority()
    try authority.issue("bus", names: "DNS:localhost,IP:127.0.0.1")
    try authority.issue("ward", subject: "/O=Hospital/CN=ward 7", names: "DNS:ward7.example")
    port = try FreePort.find()
  }

  private func serve(_ tls: String) {
    authority.directory.write(
      "routes/who.yaml",
      """
      routes:
        - id: who
          from:
            rest:
              listen: "127.0.0.1:\(port)"
              path: /who
              tls: { certificate: ../bus.pem, key: ../bus.key, \(tls) }
          steps:
            - map:
                version: "${ properties.tls.version }"
                peer: "${ has(properties.tls.peer) ? properties.tls.peer.subject : 'nobody' }"
      """)
  }

  private func ask(as name: String? = nil, version: String = "TLSv1_3") async throws -> String {
    let files = name.map { [authority.path("\($0).pem"), authority.path("\($0).key")] } ?? ["", ""]
    let program = try RunningProgram(
      "/usr/bin/python3", ["-c", Self.client, "\(port)", authority.certificate] + files + [version])
    _ = try await program.end()
    _ = try await eventually(within: .seconds(5)) { program.output.hasSuffix("\n") }
    return program.output
  }

  @Test("a route knows who sent a message by the client's certificate, and a reload changes who may send")
  func certificates() async throws {
    serve("client_certificates: optional, client_ca: ../authority.pem")
    let program = try RunningProgram(
      Project.program, ["run", authority.path("routes"), "--log-format", "json"])
    #expect(try await eventually { program.output.contains("\"message\":\"ready\"") })
    #expect(try await ask() == "answer {\"version\":\"TLSv1.3\",\"peer\":\"nobody\"}\n")
    let known = try await ask(as: "ward", version: "TLSv1_2")
    #expect(known == "answer {\"version\":\"TLSv1.2\",\"peer\":\"CN=ward 7,O=Hospital\"}\n")

    serve("client_certificates: required, client_ca: ../authority.pem, minimum_version: 1.3")
    #expect(try await eventually { program.output.contains("\"changed\":\"1\"") })
    #expect(try await ask(as: "ward").contains("ward 7"))
    #expect(try await ask().hasPrefix("refused"))
    #expect(try await ask(as: "ward", version: "TLSv1_2").hasPrefix("refused"))

    serve("client_certificates: required, client_ca: none.pem")
    #expect(try await eventually { program.output.contains("none.pem cannot be read") })
    #expect(try await ask(as: "ward").contains("ward 7"))
    #expect(try await program.stop() == 0)
  }
}
