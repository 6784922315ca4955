import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq login", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(5)))
struct LoginTests {
  private func failure(_ broker: [(String, Configuration)]) async throws -> Failure? {
    let queue = try await TestQueue(TestBroker.server).make()
    let step = try destination("rabbitmq", queue, [("routing_key", "\(queue.name)")], broker: broker)
    var message = Message(body: .bytes([1]))
    do {
      _ = try await step.process(&message, .testing())
      return nil
    } catch {
      return Failure(error)
    }
  }

  @Test("a wrong password, and a virtual host that is not there, are refusals that last") func refused() async throws {
    let server = try await TestBroker.server
    let url: Configuration = "\(server.url)"
    let wrong: Configuration = ["user": "${env:NONE:-guest}", "password": "${env:NONE:-mistaken}"]
    let password = try await failure([("url", url), ("login", wrong)])
    #expect(password?.kind == .unauthorized)
    #expect(password?.reason.contains("mistaken") == false)
    #expect(try await failure([("url", url), ("login", TestQueue.login), ("vhost", "nope")])?.kind == .unauthorized)
    let queue = try await TestQueue(server).make()
    await #expect(throws: Failure.self) {
      _ = try await SourceRun(queue, broker: [("url", url), ("login", wrong)])
    }
    await #expect(throws: Failure.self) { _ = try await SourceRun(TestQueue(server)) }
  }

  @Test("of several addresses the next is tried where one is not there") func addresses() async throws {
    let server = try await TestBroker.server
    let gone = ReservedPort()
    let urls: Configuration = ["amqp://127.0.0.1:\(gone.number)", "\(server.url)"]
    #expect(try await failure([("url", urls), ("login", TestQueue.login)]) == nil)
    // One that takes connections, and says nothing.
    let silent = try FaultProxy(to: server.port)
    silent.become(.mute)
    let both: Configuration = ["amqp://127.0.0.1:\(silent.port)", "\(server.url)"]
    #expect(try await failure([("url", both), ("login", TestQueue.login), ("connect_timeout", "2s")]) == nil)
    let none = try await failure([("url", "amqp://127.0.0.1:\(gone.number)"), ("login", TestQueue.login)])
    #expect(none?.kind == .unavailable)
  }

  @Test("with TLS a broker of a trusted authority is taken, with a certificate shown") func tls() async throws {
    let (server, authority) = (try await TestBroker.server, try await TestBroker.authority)
    try authority.issue("client", subject: "/CN=omnibus", names: "DNS:omnibus")
    let files: Configuration = [
      "ca_file": "\(authority.certificate)", "certificate": "\(authority.path("client.pem"))",
      "key": "\(authority.path("client.key"))",
    ]
    let login: (String, Configuration) = ("login", TestQueue.login)
    #expect(try await failure([("url", "\(server.secureURL)"), login, ("tls", files)]) == nil)
    let address: Configuration = "amqps://127.0.0.1:\(server.securePort ?? 0)"
    #expect(try await failure([("url", address), login, ("tls", files)]) == nil)
    let newest: Configuration = [
      "ca_file": "\(authority.certificate)", "certificate": "\(authority.path("client.pem"))",
      "key": "\(authority.path("client.key"))", "minimum_version": "1.3",
    ]
    #expect(try await failure([("url", "\(server.secureURL)"), login, ("tls", newest)]) == nil)
  }

  @Test("with TLS a broker of another name or authority is refused, and one that wants a certificate refuses us")
  func untrusted() async throws {
    let (server, authority) = (try await TestBroker.server, try await TestBroker.authority)
    try authority.issue("visitor", subject: "/CN=omnibus", names: "DNS:omnibus")
    let stranger = try TestAuthority("another authority")
    let login: (String, Configuration) = ("login", TestQueue.login)
    func files(_ authorities: String, shown: Bool = true) -> (String, Configuration) {
      let trusted: (String, Configuration) = ("ca_file", "\(authorities)")
      let identity: [(String, Configuration)] = [
        ("certificate", "\(authority.path("visitor.pem"))"), ("key", "\(authority.path("visitor.key"))"),
      ]
      return ("tls", Configuration(entries: shown ? [trusted] + identity : [trusted]))
    }
    let port = server.securePort ?? 0
    let cases: [[(String, Configuration)]] = [
      [("url", "amqps://localhost:\(port)"), login, files(stranger.certificate)],
      [("url", "amqps://127.0.0.2:\(port)"), login, files(authority.certificate)],
      [("url", "amqps://localhost:\(port)"), login, files(authority.certificate, shown: false)],
      [("url", "amqps://localhost:\(server.port)"), login, files(authority.certificate)],
    ]
    for options in cases {
      #expect(try await failure(options + [("connect_timeout", "30s")])?.kind == .unavailable)
    }
  }

  @Test(
    "addresses are written in one way",
    arguments: [
      ("amqp://broker", true), ("amqps://broker:5671/", true), ("amqp://[::1]:5672", true), ("broker:5672", false),
      ("amqp://user@broker", false), ("amqp://broker/vhost", false), ("amqp://", false), ("amqp://broker:0", false),
      ("http://broker", false),
    ])
  func written(text: String, isGood: Bool) {
    #expect(((try? BrokerAddress(text)) != nil) == isGood)
  }
}
