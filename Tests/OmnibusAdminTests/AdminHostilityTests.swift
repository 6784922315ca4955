import OmnibusEngine
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import Omnibus
@testable import OmnibusAdmin

@Suite("unfriendly requests to the admin API", .serialized)
struct AdminHostilityTests {
  /// An authority with a certificate for what `secure` describes.
  private static func authority() throws -> TestAuthority {
    let authority = try TestAuthority()
    try authority.issue("server", names: "DNS:localhost,IP:127.0.0.1")
    return authority
  }

  /// Options for a listener with TLS.
  private static func secure(_ listen: String, anonymous: AnonymousAdmin? = nil) -> AdminOptions {
    let options = ServedAdmin.options(listen, anonymous: anonymous)
    let tls = ServerTLSOptions()
    tls.certificate = "server.pem"
    tls.key = "server.key"
    options.tls = tls
    return options
  }

  @Test("an address that others can reach is refused without TLS, without tokens, and with anonymous access")
  func offLoopback() async throws {
    let authority = try Self.authority()
    let noTokens = Self.secure("0.0.0.0:0")
    noTokens.tokens = []
    for options in [ServedAdmin.options("0.0.0.0:0"), noTokens, Self.secure("[::]:0", anonymous: .viewer)] {
      await #expect(throws: Failure.self) { try await ServedAdmin(options, directory: authority.directory.path) }
    }
    let admin = try await ServedAdmin(Self.secure("0.0.0.0:0"), directory: authority.directory.path)
    let trust = TLSClientConfiguration(authorities: authority.certificate)
    let url = "https://localhost:\(admin.server.port)"
    #expect(try await admin.send("GET", "/admin/v1/status", as: nil, url: url, tls: trust).status == 401)
    #expect(try await admin.send("GET", "/admin/v1/status", as: "viewer", url: url, tls: trust).status == 200)
    await admin.server.stop()
  }

  @Test("a reload that names another address lets nobody in without a token where others can reach the listener")
  func offLoopbackByReload() async throws {
    let authority = try Self.authority()
    let admin = try await ServedAdmin(Self.secure("0.0.0.0:0"), directory: authority.directory.path)
    let trust = TLSClientConfiguration(authorities: authority.certificate)
    let url = "https://localhost:\(admin.server.port)"
    for anonymous in [nil, AnonymousAdmin.operator] {
      admin.server.use(AdminAccess(ServedAdmin.options("127.0.0.1:0", anonymous: anonymous)))
      #expect(try await admin.send("GET", "/admin/v1/status", as: nil, url: url, tls: trust).status == 401)
      #expect(try await admin.send("POST", "/admin/v1/reload", as: nil, url: url, tls: trust).status == 401)
      #expect(try await admin.send("GET", "/admin/v1/status", as: "viewer", url: url, tls: trust).status == 200)
    }
    await admin.server.stop()
  }

  @Test("who comes from another machine is not let in without a token, whatever host they name")
  func remoteAnonymous() throws {
    let access = AdminAccess(ServedAdmin.options())
    let (here, elsewhere) = (try #require(SocketAddress("127.0.0.1:5")), try #require(SocketAddress("192.0.2.1:5")))
    #expect(try access.caller(["host": "localhost"], here).name == "anonymous")
    #expect(throws: LoginRefusal.missing) { try access.caller(["host": "localhost"], elsewhere) }
  }

  @Test("a reload that switches the API off lets nobody in")
  func switchedOff() async throws {
    let admin = try await ServedAdmin()
    let off = ServedAdmin.options()
    off.enabled = false
    admin.server.use(AdminAccess(off))
    #expect(try await admin.send("GET", "/admin/v1/status", as: nil).status == 401)
    #expect(try await admin.send("GET", "/admin/v1/status", as: "admin").status == 401)
    await admin.server.stop()
  }

  @Test("who lacks a right fills no disk with it: a line a second at the most")
  func refusedOften() async throws {
    let clock = ManualClock(wallTime: 1_800_000_000)
    let admin = try await ServedAdmin(clock: clock)
    func lines() -> [[String: String]] {
      admin.log.lines.all.filter { $0.message == "admin request refused" }.map(\.fields)
    }
    for _ in 0..<20 { _ = try await admin.send("POST", "/admin/v1/reload", as: "viewer") }
    #expect(lines().count == 1)
    clock.advance(by: .seconds(2))
    _ = try await admin.send("POST", "/admin/v1/reload", as: "viewer")
    #expect(lines().count == 2)
    #expect(lines().last?["more"] == "19")
    await admin.server.stop()
  }

  @Test("the end of the server does not wait for a message that is never worked on")
  func boundedEnd() async throws {
    let clock = ManualClock(wallTime: 1_800_000_000)
    let (never, begun) = (AsyncStream.makeStream(of: Void.self), Recorder<String>())
    let admin = try await ServedAdmin(clock: clock) { id in
      begun.append(id)
      // A task of its own, which nobody cancels: work that does not heed it.
      await Task { for await _ in never.stream {} }.value
      return .delivered
    }
    for number in 1...2 { try await admin.keep(number) }
    let job = try await admin.json("POST", "/admin/v1/dead-letters/replay", #"{"all":true}"#)
    await begun.wait(for: 1)
    let id = job.member("id")?.string ?? ""
    #expect(try await admin.json("POST", "/admin/v1/jobs/\(id)/cancel").member("phase")?.string == "running")
    let ending = Task { await admin.server.stop(grace: .seconds(3)) }
    await clock.waitForTimers()
    clock.advance(by: .seconds(3))
    await ending.value
    never.continuation.finish()
    #expect(try await eventually { admin.log.lines.all.contains { $0.message == "admin job ended" } })
  }

  @Test("an address that is in use, by this process or another, is refused and not shared")
  func addressInUse() async throws {
    let admin = try await ServedAdmin()
    await #expect(throws: Failure.self) { try await ServedAdmin(ServedAdmin.options("127.0.0.1:\(admin.server.port)")) }
    await admin.server.stop()
    let again = try await ServedAdmin(ServedAdmin.options("127.0.0.1:\(admin.server.port)"))
    await again.server.stop()
  }

  @Test(
    "a page that was led here by a name of its own gets nothing",
    arguments: [
      "evil.example", "evil.example:9640", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", "",
    ])
  func rebinding(_ host: String) async throws {
    let admin = try await ServedAdmin()
    let answer = try await RawExchange.send(
      admin.server.port, "GET /admin/v1/status HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 403"))
    #expect(!answer.contains("orders"))
    await admin.server.stop()
  }

  @Test(
    "names of this machine are taken", arguments: ["localhost", "LOCALHOST:1", "127.0.0.1", "127.8.8.8:80", "[::1]:5"])
  func localNames(_ host: String) async throws {
    let admin = try await ServedAdmin()
    let answer = try await RawExchange.send(
      admin.server.port, "GET /admin/v1/status HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 200"))
    await admin.server.stop()
  }

  @Test(
    "a form of another page changes nothing",
    arguments: ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""])
  func crossSite(_ type: String) async throws {
    let admin = try await ServedAdmin()
    let field = type.isEmpty ? "" : "Content-Type: \(type)\r\n"
    let answer = try await RawExchange.send(
      admin.server.port,
      "POST /admin/v1/routes/orders/stop HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n\(field)"
        + "Content-Length: 2\r\nConnection: close\r\n\r\n{}")
    #expect(answer.hasPrefix("HTTP/1.1 415"))
    let preflight = try await RawExchange.send(
      admin.server.port,
      "OPTIONS /admin/v1/routes/orders/stop HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\n"
        + "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: content-type\r\nConnection: close\r\n\r\n"
    )
    #expect(!preflight.lowercased().contains("access-control-allow"))
    #expect(admin.calls.all.isEmpty)
    await admin.server.stop()
  }

  @Test("a body of 1 GB is refused before it is sent, chunked or not, and memory stays as it is")
  func hugeBody() async throws {
    // In a process of its own, as other tests take memory at the same time.
    await #expect(processExitsWith: .success) {
      let admin = try await ServedAdmin()
      let head =
        "POST /admin/v1/log-level HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer \(ServedAdmin.tokens["admin"]?.text ?? "")\r\n"
      let megabyte = [UInt8](repeating: 0x20, count: 1 << 20)
      let chunk = Array("100000\r\n".utf8) + megabyte + Array("\r\n".utf8)
      let before = ResidentMemory.bytes
      let port = admin.server.port
      for (framing, piece) in [
        ("Content-Length: 1073741824\r\n\r\n", megabyte), ("Transfer-Encoding: chunked\r\n\r\n", chunk),
      ] {
        let (answer, sent) = try await Task.detached {
          try RawExchange.run(port, [Array((head + framing).utf8), piece], times: 1024)
        }.value
        #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 413"))
        #expect(sent < 64 << 20)
      }
      #expect(ResidentMemory.bytes - before < 64 << 20)
      #expect(try await admin.send("GET", "/admin/v1/status").status == 200)
      await admin.server.stop()
    }
  }

  @Test("who may not send is refused before the body is asked for")
  func authorisedFirst() async throws {
    let admin = try await ServedAdmin(ServedAdmin.options(anonymous: AnonymousAdmin.none))
    for token in ["wrong", ServedAdmin.tokens["viewer"]?.text ?? ""] {
      let answer = try await RawExchange.send(
        admin.server.port,
        "POST /admin/v1/log-level HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(token)\r\n"
          + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n")
      #expect(answer.hasPrefix(token == "wrong" ? "HTTP/1.1 401" : "HTTP/1.1 403"))
      #expect(!answer.contains("100 Continue"))
    }
    await admin.server.stop()
  }

  @Test(
    "paths that lead somewhere else, names that are no text, and what is too long are refused",
    arguments: [
      "/admin/v1/routes/..%2f..%2fetc%2fpasswd", "/admin/v1/../v1/status", "/admin/v1//status", "/admin/v1/status/",
      "/admin/v1/routes/%00", "/admin/v1/routes/%ff", "/admin/v1/routes/%0d%0aX: y", "/admin/v1/routes/%zz",
      "/Admin/v1/status", "/admin/v1/dead-letters/LONG", "/admin/v1/dead-letters?limit=1&limit=2",
      "/admin/v1/dead-letters?limit=0", "/admin/v1/dead-letters?limit=99999999999999999999",
      "/admin/v1/dead-letters?rout=x",
      "/admin/v1/dead-letters?kind=nope", "/admin/v1/dead-letters?since=yesterday", "/admin/v1/dead-letters?route=%zz",
      "/admin/v1/status?x=1",
    ])
  func paths(_ path: String) async throws {
    let admin = try await ServedAdmin()
    let target = path.replacing("LONG", with: String(repeating: "a", count: 600)).replacing(" ", with: "%20")
    let answer = try await RawExchange.send(
      admin.server.port, "GET \(target) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    #expect(answer.hasPrefix("HTTP/1.1 400") || answer.hasPrefix("HTTP/1.1 404"), "\(answer.prefix(200))")
    await admin.server.stop()
  }

  @Test(
    "what the listener refuses by itself is kept out of caches and browsers, too",
    arguments: [
      (400, "GET / HTTP/1.1\r\nHost : localhost\r\n\r\n"),
      (
        413,
        "POST /admin/v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n20000\r\n\(String(repeating: " ", count: 0x20000))\r\n0\r\n\r\n"
      ),
      (414, "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n"),
      (431, "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "a", count: 100_000))\r\n\r\n"),
    ])
  func ownAnswers(_ status: Int, _ request: String) async throws {
    let admin = try await ServedAdmin()
    let answer = try await RawExchange.send(admin.server.port, request).lowercased()
    #expect(answer.hasPrefix("http/1.1 \(status)"), "\(answer.prefix(200))")
    #expect(answer.contains("\r\ncache-control: no-store\r\n"))
    #expect(answer.contains("\r\nx-content-type-options: nosniff\r\n"))
    await admin.server.stop()
  }

  @Test("a second request that is smuggled within a first is refused, and so is a target that is too long")
  func smuggled() async throws {
    let admin = try await ServedAdmin()
    let two = try await RawExchange.send(
      admin.server.port,
      "POST /admin/v1/reload HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 4\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nPOST /admin/v1/rollback HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(two.hasPrefix("HTTP/1.1 400"))
    let long = try await RawExchange.send(
      admin.server.port,
      "GET /admin/v1/routes/\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n")
    #expect(long.hasPrefix("HTTP/1.1 414"))
    #expect(admin.calls.all.isEmpty)
    await admin.server.stop()
  }

  @Test(
    "bodies that are not what is asked for are refused, and nothing is done",
    arguments: [
      "", "[]", "null", "{", #"{"level":"loud"}"#, #"{"level":1}"#, #"{"level":"debug","x":1}"#, #"{"Level":"debug"}"#,
      String(repeating: "[", count: 60_000),
    ])
  func bodies(_ body: String) async throws {
    let admin = try await ServedAdmin()
    let answer = try await admin.send("POST", "/admin/v1/log-level", body)
    #expect(answer.status == 400)
    #expect(try await admin.json("GET", "/admin/v1/log-level").member("level")?.string == "info")
    await admin.server.stop()
  }

  @Test("a client that goes away in the middle of a request leaves no half state")
  func goesAway() async throws {
    let admin = try await ServedAdmin()
    let answer = try await RawExchange.send(
      admin.server.port,
      "POST /admin/v1/log-level HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
        + "\(ServedAdmin.tokens["admin"]?.text ?? "")\r\nContent-Type: application/json\r\nContent-Length: 17\r\n\r\n{\"level\":"
    )
    #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 400"))
    #expect(try await admin.json("GET", "/admin/v1/log-level").member("level")?.string == "info")
    await admin.server.stop()
  }
}
