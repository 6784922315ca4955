import Omnibus
import OmnibusEngine
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest, over TLS", .timeLimit(.minutes(5))) struct RESTTLSTests {
  private let authority: TestAuthority
  private let ward: TLSIdentity

  init() throws {
    authority = try TestAuthority()
    try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
    ward = try authority.issue("ward", subject: "/CN=ward 7", names: "DNS:ward.example")
  }

  private func context(_ clock: ManualClock = ManualClock(), log: LogRecorder? = nil) -> Context {
    .testing(clock: clock, log: log, directory: authority.directory.path)
  }

  private func get(_ port: UInt16, _ tls: TLSClientConfiguration) async throws -> HTTPClientResponse {
    // A client of its own: none of its connections are from before.
    try await HTTPClient(reactors: try ReactorGroup(count: 1)).send(
      HTTPClientRequest(url: "https://localhost:\(port)/", tls: tls))
  }

  @Test("a route sees in properties.tls how a message came, and from whom")
  func properties() async throws {
    let seen = Recorder<Value?>()
    let served = try await ServedRoute(
      [
        "listen": "127.0.0.1:0", "path": "/", "method": "GET",
        "tls": [
          "certificate": "server.pem", "key": "server.key", "client_ca": "authority.pem",
          "client_certificates": "optional",
        ],
      ], context: context()
    ) { message in
      seen.append(message.properties["tls"])
      return .next
    }
    let anonymous = TLSClientConfiguration(authorities: authority.certificate)
    #expect(try await get(served.port, anonymous).status == 204)
    #expect(
      try await get(served.port, TLSClientConfiguration(authorities: authority.certificate, identity: ward)).status
        == 204)
    #expect(seen.all.count == 2)
    #expect(seen.all[0]?.member("version")?.string == "TLSv1.3")
    #expect(seen.all[0]?.member("server_name")?.string == "localhost")
    #expect(seen.all[0]?.member("peer") == nil)
    #expect(seen.all[1]?.member("peer")?.member("subject")?.string == "CN=ward 7")
    try await served.end()
  }

  @Test("certificates that are renewed are shown to new connections; ones that cannot be used are warned of once")
  func renewal() async throws {
    let clock = ManualClock()
    let log = LogRecorder()
    let served = try await ServedRoute(
      [
        "listen": "127.0.0.1:0", "path": "/", "method": "GET",
        "tls": ["certificate": "server.pem", "key": "server.key"],
      ], context: context(clock, log: log)
    ) { _ in .next }
    // Another authority issues the next certificate: who is trusted tells which one is shown.
    let next = try TestAuthority("next")
    try next.issue("server", names: "DNS:localhost")
    let name = authority.directory
    name.write("server.pem", try #require(next.directory.read("server.pem")))
    await clock.waitForTimers()
    clock.advance(by: .seconds(10))
    await clock.waitForTimers()
    #expect(try await get(served.port, TLSClientConfiguration(authorities: authority.certificate)).status == 204)
    name.write("server.key", try #require(next.directory.read("server.key")))
    clock.advance(by: .seconds(10))
    await clock.waitForTimers()
    #expect(try await get(served.port, TLSClientConfiguration(authorities: next.certificate)).status == 204)
    clock.advance(by: .seconds(10))
    await clock.waitForTimers()
    #expect(
      log.lines.all.map(\.message) == ["new certificates cannot be used, the former stay", "certificates renewed"])
    try await served.end()
  }

  @Test("a destination shows its certificate, and trusts whom it is told to")
  func destination() async throws {
    let served = try await ServedRoute(
      [
        "listen": "127.0.0.1:0", "path": "/",
        "tls": [
          "certificate": "server.pem", "key": "server.key", "client_ca": "authority.pem",
          "client_certificates": "required",
        ],
      ], context: context()
    ) { message in
      message.body = .bytes(Array((message.properties["tls"]?.member("peer")?.member("subject")?.string ?? "").utf8))
      return .next
    }
    let loader = ComponentLoader([.rest], context: context())
    let url: Configuration = "https://localhost:\(served.port)"
    let block = try loader.steps([
      [
        "to": [
          "rest": [
            "url": url, "path": "/",
            "tls": ["ca_file": "authority.pem", "certificate": "ward.pem", "key": "ward.key"],
          ]
        ]
      ]
    ])
    var message = Message()
    _ = try await block.run(&message)
    #expect(text(message.body) == "CN=ward 7")
    let anonymous = try loader.steps([["to": ["rest": ["url": url, "path": "/", "tls": ["ca_file": "authority.pem"]]]]])
    var second = Message()
    let failure = await failed { try await anonymous.run(&second) }
    #expect(failure?.kind == .unavailable || failure?.kind == .outcomeUnknown)
    try await served.end()
  }

  @Test(
    "files that cannot be used are told with their place",
    arguments: [
      ("certificate: none.pem, key: server.key", "none.pem cannot be read: no such file or directory"),
      ("certificate: server.pem, key: ward.key", "ward.key does not fit the certificate"),
      ("certificate: server.key, key: server.key", "server.key does not hold a certificate in PEM"),
      (
        "certificate: server.pem, key: server.key, client_ca: ward.key, client_certificates: required",
        "ward.key does not hold certificates in PEM"
      ),
      (
        "certificate: server.pem, key: server.key, more_certificates: [{ certificate: ward.pem, key: server.key }]",
        "server.key does not fit the certificate"
      ),
    ])
  func files(_ options: String, _ expected: String) throws {
    let problems = check(["a": "tls: { \(options) }"])
    #expect(problems.count == 1)
    #expect(problems.first?.code == "unusable-file")
    #expect(problems.first?.message == "rest.tls: \(expected)")
  }

  @Test("routes on the same address must be secure in the same way")
  func agreement() throws {
    let tls = "tls: { certificate: server.pem, key: server.key }"
    #expect(check(["a": tls, "b": tls]).isEmpty)
    let problems = check(["a": tls, "b": "max_body: 1KiB"])
    #expect(problems.map(\.code) == ["conflicting-sources"])
    #expect(problems.first?.message == "route \"a\" makes 127.0.0.1:8443 secure in another way")
  }

  /// What is wrong with routes of these ids and options on one address.
  private func check(_ routes: [String: String]) -> [Diagnostic] {
    var text = "routes:\n"
    for (id, options) in routes.sorted(by: { $0.key < $1.key }) {
      text +=
        "  - id: \(id)\n    from: { rest: { listen: \"127.0.0.1:8443\", path: /\(id), \(options) } }\n    steps: []\n"
    }
    let files = RouteFiles([.init(path: authority.path("routes.yaml"), bytes: Array(text.utf8))])
    let context = context()
    let environment = EngineEnvironment(reactors: context.reactors, blocking: context.blocking, logger: context.logger)
    return Engine(plugins: [.rest], environment: environment).check(files)
  }
}
