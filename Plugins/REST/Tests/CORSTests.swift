import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest source, pages of other origins")
struct CORSTests {
  private static let policy: Configuration = [
    "origins": ["https://app.example", "http://localhost:3000"], "headers": ["content-type", "x-request"],
    "expose": ["etag", "location"], "credentials": true, "max_age": "2h",
  ]

  private func served(
    _ cors: Configuration?, method: Configuration = ["PUT", "DELETE"], auth: Configuration = "none",
    route: @escaping @Sendable (inout Message) async throws -> Next = { _ in .stop }
  ) async throws -> ServedRoute {
    var options: [(String, Configuration)] = [
      ("listen", "127.0.0.1:0"), ("path", "/things/{id}"), ("method", method), ("auth", auth),
    ]
    if let cors { options.append(("cors", cors)) }
    return try await ServedRoute(Configuration(entries: options), route: route)
  }

  @Test("a preflight is answered without running the route, and needs no login")
  func preflight() async throws {
    let route = try await served(
      Self.policy, auth: ["bearer": ["token": "${env:NONE:-secret}"]],
      route: { _ in
        Issue.record("the route ran")
        return .stop
      })
    let answer = try await route.send(
      "OPTIONS", "/things/1",
      headers: [
        "origin": "https://app.example", "access-control-request-method": "PUT",
        "access-control-request-headers": "x-request",
      ])
    #expect(answer.status == 204)
    #expect(answer.headers["access-control-allow-origin"] == "https://app.example")
    #expect(answer.headers["access-control-allow-methods"] == "PUT, DELETE")
    #expect(answer.headers["access-control-allow-headers"] == "content-type, x-request")
    #expect(answer.headers["access-control-allow-credentials"] == "true")
    #expect(answer.headers["access-control-max-age"] == "7200")
    #expect(answer.headers["vary"] == "Origin")
    try await route.end()
  }

  @Test(
    "another origin or method is refused, and is allowed nothing",
    arguments: [
      ("https://evil.example", "PUT", 403), ("https://app.example.evil.example", "PUT", 403), ("null", "PUT", 403),
      ("https://app.example", "GET", 204), ("HTTPS://app.example", "PUT", 403),
    ])
  func refused(origin: String, method: String, status: Int) async throws {
    let route = try await served(Self.policy)
    let answer = try await route.send(
      "OPTIONS", "/things/1", headers: ["origin": origin, "access-control-request-method": method])
    #expect(answer.status == status)
    #expect(answer.headers["access-control-allow-origin"] == nil)
    try await route.end()
  }

  @Test("answers say what the page may read, also those that refuse, and always that they differ by origin")
  func answers() async throws {
    let route = try await served(Self.policy, auth: ["bearer": ["token": "${env:NONE:-secret}"]])
    for (headers, status) in [
      (["origin": "https://app.example", "authorization": "Bearer secret"], 202),
      (["origin": "https://app.example"], 401),
    ] as [(Headers, Int)] {
      let answer = try await route.send("PUT", "/things/1", headers: headers)
      #expect(answer.status == status)
      #expect(answer.headers["access-control-allow-origin"] == "https://app.example")
      #expect(answer.headers["access-control-allow-credentials"] == "true")
      #expect(answer.headers["access-control-expose-headers"] == "etag, location")
      #expect(answer.headers["vary"] == "Origin")
    }
    for origin in [nil, "https://evil.example"] as [String?] {
      var headers: Headers = ["authorization": "Bearer secret"]
      headers["origin"] = origin
      let answer = try await route.send("PUT", "/things/1", headers: headers)
      #expect(answer.status == 202)
      #expect(answer.headers["access-control-allow-origin"] == nil)
      #expect(answer.headers["vary"] == "Origin")
    }
    try await route.end()
  }

  @Test("any origin is a star, without credentials")
  func anyOrigin() async throws {
    let route = try await served(["origins": "any"], method: "any")
    let preflight = try await route.send(
      "OPTIONS", "/things/1", headers: ["origin": "null", "access-control-request-method": "PATCH"])
    #expect(preflight.headers["access-control-allow-origin"] == "*")
    #expect(preflight.headers["access-control-allow-methods"] == "PATCH")
    #expect(preflight.headers["access-control-allow-credentials"] == nil)
    #expect(preflight.headers["vary"] == nil)
    let answer = try await route.send("POST", "/things/1", headers: ["origin": "https://a.example"])
    #expect(answer.headers["access-control-allow-origin"] == "*")
    try await route.end()
  }

  @Test("it is off by default")
  func off() async throws {
    let route = try await served(nil)
    let preflight = try await route.send(
      "OPTIONS", "/things/1", headers: ["origin": "https://a.example", "access-control-request-method": "PUT"])
    #expect(preflight.status == 204)
    #expect(preflight.headers["access-control-allow-origin"] == nil)
    #expect(preflight.headers["allow"] == "DELETE, OPTIONS, PUT")
    try await route.end()
  }

  @Test(
    "a policy that browsers would not follow is refused when the route is loaded",
    arguments: [
      ["origins": "any", "credentials": true], ["origins": "*"], ["origins": []], ["origins": ["https://App.example"]],
      ["origins": ["https://app.example/"]], ["origins": ["app.example"]], ["origins": ["https://*.example"]],
      ["origins": "any", "headers": ["*"]], ["origins": "any", "expose": ["a b"]], [:],
    ] as [Configuration])
  func badOptions(cors: Configuration) {
    #expect(throws: Diagnostics.self) {
      _ = try ComponentLoader([.rest]).make(.source, "rest", ["path": "/", "cors": cors])
    }
  }
}
