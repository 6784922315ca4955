import Omnibus
import OmnibusEngine
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import OmnibusAdmin

@Suite("who may do what by the admin API")
struct AdminRightsTests {
  /// Each operation, with a path that leads to it, a body, and its right.
  static let operations: [(method: String, path: String, body: String?, right: AdminRight)] = [
    ("GET", "/status", nil, .viewMetadata), ("GET", "/routes", nil, .viewMetadata),
    ("GET", "/routes/orders", nil, .viewMetadata), ("POST", "/routes/orders/start", nil, .operate),
    ("POST", "/routes/orders/pause", nil, .operate), ("POST", "/routes/orders/resume", nil, .operate),
    ("POST", "/routes/orders/drain", #"{"grace":"1s"}"#, .operate), ("POST", "/routes/orders/stop", nil, .operate),
    ("POST", "/reload", nil, .operate), ("POST", "/plan", nil, .operate), ("POST", "/rollback", nil, .operate),
    ("GET", "/generations", nil, .viewMetadata), ("GET", "/breakers", nil, .viewMetadata),
    ("GET", "/breakers/hospital", nil, .viewMetadata),
    ("POST", "/breakers/hospital/force", #"{"state":"open"}"#, .operate), ("GET", "/queues", nil, .viewMetadata),
    ("GET", "/dead-letters", nil, .viewMetadata), ("GET", "/dead-letters/letter-00001", nil, .viewMetadata),
    ("GET", "/dead-letters/letter-00001/headers", nil, .viewBody),
    ("GET", "/dead-letters/letter-00001/body", nil, .viewBody),
    ("POST", "/dead-letters/letter-00002/replay", nil, .replay),
    ("POST", "/dead-letters/letter-00003/drop", nil, .operate),
    ("POST", "/dead-letters/replay", #"{"route":"none"}"#, .replay),
    ("POST", "/dead-letters/drop", #"{"route":"none"}"#, .operate), ("GET", "/jobs", nil, .viewMetadata),
    ("GET", "/configuration", nil, .configure), ("GET", "/log-level", nil, .viewMetadata),
    ("POST", "/log-level", #"{"level":"debug"}"#, .configure), ("GET", "/openapi.json", nil, .viewMetadata),
  ]

  @Test("each role and each right opens what is its own, and nothing else")
  func table() async throws {
    for role in ServedAdmin.roles {
      let admin = try await ServedAdmin(ServedAdmin.options(anonymous: AnonymousAdmin.none))
      for number in 1...3 { try await admin.keep(number) }
      let rights = (role.role?.rights ?? []).union(role.rights)
      for operation in Self.operations {
        let answer = try await admin.send(operation.method, "/admin/v1" + operation.path, as: role.name, operation.body)
        let isAllowed = rights.contains(operation.right)
        #expect(
          isAllowed ? (200...202).contains(answer.status) : answer.status == 403,
          "\(role.name) \(operation.method) \(operation.path): \(answer.status)")
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
      }
      await admin.server.stop()
    }
  }

  @Test("the table above names every operation but those of single jobs")
  func isComplete() async throws {
    let admin = try await ServedAdmin()
    let paths = try await admin.json("GET", "/admin/v1/openapi.json").member("paths")
    var served = 0
    if case .json(let node)? = paths { node.forEachMember { served += JSONCount.members($1) + ($0.isEmpty ? 1 : 0) } }
    #expect(served == Self.operations.count + 2)
    await admin.server.stop()
  }

  @Test(
    "nobody gets in with a token that is missing, wrong, cut, doubled, or of another scheme",
    arguments: ["", "x", "Bearer", "Bearer ", "Bearer wrong", "CUT", "TWICE", "Basic YTpi", "HASH", "LONG"])
  func badTokens(_ field: String) async throws {
    let admin = try await ServedAdmin(ServedAdmin.options(anonymous: AnonymousAdmin.none))
    let token = try #require(ServedAdmin.tokens["admin"])
    var headers = Headers()
    switch field {
    case "": break
    case "CUT": headers.append("authorization", "Bearer \(token.text.dropLast())")
    case "TWICE":
      headers.append("authorization", "Bearer \(token.text)")
      headers.append("authorization", "Bearer \(token.text)")
    case "HASH": headers.append("authorization", "Bearer \(token.hash.text)")
    case "LONG": headers.append("authorization", "Bearer \(String(repeating: "a", count: 4000))")
    default: headers.append("authorization", field)
    }
    for path in ["/admin/v1/status", "/admin/v1/nothing", "/", "/admin/v1/dead-letters/x/body"] {
      let answer = try await admin.send("GET", path, as: nil, headers: headers)
      #expect(answer.status == 401)
      #expect(answer.headers["www-authenticate"]?.hasPrefix("Bearer realm=\"omnibus\"") == true)
      #expect(answer.headers["content-type"] == "application/problem+json")
    }
    let lines = admin.log.lines.all.filter { $0.message == "admin login refused" }
    #expect(lines.first?.fields["remote"] == "127.0.0.1")
    #expect(!"\(admin.log.lines.all)".contains(token.text))
    let refused = admin.metrics.counter(
      "omnibus_admin_logins_refused_total", "Requests to the admin API that were not let in.",
      [("reason", field.isEmpty ? "missing" : "invalid")])
    #expect(refused.value == 4)
    await admin.server.stop()
  }

  @Test("a bad token is not taken for none, where those without one are let in")
  func noFallback() async throws {
    let admin = try await ServedAdmin()
    #expect(try await admin.send("GET", "/admin/v1/status", as: nil).status == 200)
    #expect(try await admin.send("GET", "/admin/v1/status", as: "wrong").status == 401)
    await admin.server.stop()
  }

  @Test("who brings no token on this machine may operate, and sees no message")
  func anonymous() async throws {
    let admin = try await ServedAdmin()
    try await admin.keep(1)
    #expect(try await admin.send("POST", "/admin/v1/routes/orders/pause", as: nil).status == 200)
    #expect(try await admin.send("GET", "/admin/v1/dead-letters/letter-00001", as: nil).status == 200)
    #expect(try await admin.send("GET", "/admin/v1/dead-letters/letter-00001/body", as: nil).status == 403)
    #expect(try await admin.send("GET", "/admin/v1/configuration", as: nil).status == 403)
    let line = admin.log.lines.all.first { $0.message == "admin action" }
    #expect(line?.fields["caller"] == "anonymous")
    await admin.server.stop()
  }

  @Test("a token that was taken back lets nobody in from the next request on, and a new one does")
  func revoked() async throws {
    let admin = try await ServedAdmin(ServedAdmin.options(anonymous: AnonymousAdmin.none))
    #expect(try await admin.send("GET", "/admin/v1/status", as: "admin").status == 200)
    let options = ServedAdmin.options(anonymous: AnonymousAdmin.none)
    options.tokens = options.tokens.filter { $0.name == "viewer" }
    admin.server.use(AdminAccess(options))
    #expect(try await admin.send("GET", "/admin/v1/status", as: "admin").status == 401)
    #expect(try await admin.send("GET", "/admin/v1/status", as: "viewer").status == 200)
    await admin.server.stop()
  }

  @Test("tokens are random, and known by their hash alone")
  func tokens() throws {
    let tokens = (0..<100).map { _ in AdminToken() }
    #expect(Set(tokens.map(\.text)).count == 100)
    #expect(tokens.allSatisfy { $0.text.hasPrefix("omnibus_") && $0.text.utf8.count == 51 })
    #expect(tokens.allSatisfy { TokenHash($0.hash.text) == $0.hash && !$0.hash.text.contains($0.text) })
    for text in [
      "", "sha256:", "sha256:" + String(repeating: "g", count: 64), "md5:" + String(repeating: "0", count: 64),
    ] {
      #expect(TokenHash(text) == nil)
    }
  }
}

/// Counts what JSON holds.
enum JSONCount {
  static func members(_ node: JSONNode) -> Int {
    var count = 0
    node.forEachMember { _, _ in count += 1 }
    return count
  }
}
