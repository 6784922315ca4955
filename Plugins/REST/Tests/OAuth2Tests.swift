import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Synchronization
import Testing

@testable import RESTPlugin

@Suite("rest destination, oauth2")
struct OAuth2Tests {
  private let clock = ManualClock()

  private func step(
    _ server: TokenServer, _ more: [(String, Configuration)] = [], _ others: [(String, Configuration)] = []
  ) throws -> any Step {
    let auth: [(String, Configuration)] = [
      ("token_url", .init(stringLiteral: server.tokenURL)), ("client_id", "the bus"),
      ("client_secret", "${env:NONE:-s:e cret/}"),
    ]
    let options = Configuration(
      entries: [
        ("url", .init(stringLiteral: server.systemURL)), ("auth", ["oauth2": Configuration(entries: auth + more)]),
      ] + others)
    guard case .step(let step) = try ComponentLoader([.rest]).make(.destination, "rest", options) else {
      throw Failure(.internal, "rest is no destination")
    }
    return step
  }

  @discardableResult
  private func send(_ step: any Step, body: Body = .bytes([1]), log: LogRecorder? = nil) async throws -> Message {
    var message = Message(body: body)
    _ = try await step.process(&message, .testing(step: "deliver", clock: clock, log: log))
    return message
  }

  @Test("a token is asked for once, as the client, and serves all requests until shortly before its end")
  func token() async throws {
    let server = try await TokenServer()
    let step = try step(server, [("scope", ["read", "write"]), ("parameters", ["audience": "https://fhir?x=1&y"])])
    for _ in 1...3 { #expect(text(try await send(step).body) == "done") }
    #expect(server.calls == ["Bearer token-1", "Bearer token-1", "Bearer token-1"])
    let request = server.requests[0]
    // The id and the secret are written as forms write them before they become Basic (RFC 6749, 2.3.1).
    #expect(request.headers["authorization"] == "Basic " + Base64.encode(Array("the%20bus:s%3Ae%20cret%2F".utf8)))
    #expect(request.contentType == "application/x-www-form-urlencoded")
    #expect(
      text(request.body)
        == "grant_type=client_credentials&scope=read%20write&audience=https%3A%2F%2Ffhir%3Fx%3D1%26y")
    #expect(request.headers["idempotency-key"] == nil)
    clock.advance(by: .seconds(3539))
    try await send(step)
    #expect(server.requests.count == 1)
    clock.advance(by: .seconds(61))
    try await send(step)
    #expect(server.requests.count == 2)
    #expect(server.calls.last == "Bearer token-2")
    try await server.end()
  }

  @Test("id and secret go into the body where the server wants them there")
  func post() async throws {
    let server = try await TokenServer()
    try await send(try step(server, [("client_auth", "post")]))
    #expect(server.requests[0].headers["authorization"] == nil)
    #expect(
      text(server.requests[0].body)
        == "grant_type=client_credentials&client_id=the%20bus&client_secret=s%3Ae%20cret%2F")
    try await server.end()
  }

  @Test("before a token ends it is renewed, while messages go on with it")
  func earlyRenewal() async throws {
    let server = try await TokenServer()
    let step = try step(server)
    try await send(step)
    server.hold(true)
    clock.advance(by: .seconds(3550))
    for _ in 1...3 { try await send(step) }
    #expect(server.calls.allSatisfy { $0 == "Bearer token-1" })
    #expect(try await eventually { server.requests.count == 2 })
    server.hold(false)
    #expect(
      try await eventually {
        try await send(step)
        return server.calls.last == "Bearer token-2"
      })
    #expect(server.requests.count == 2)
    try await server.end()
  }

  @Test("a renewal that fails costs nothing while the token is good, and is not tried again at once")
  func failedRenewal() async throws {
    let server = try await TokenServer([
      { message in
        TokenServer.token("token-1", expiresIn: "100")(&message)
      }, TokenServer.answer(500, "down"),
    ])
    server.state.withLock { _ = $0.taken.insert("Bearer token-1") }
    let step = try step(server)
    let log = LogRecorder()
    try await send(step)
    clock.advance(by: .seconds(91))
    try await send(step, log: log)
    #expect(try await eventually { log.text.contains("no access token") })
    for _ in 1...3 { try await send(step) }
    #expect(server.requests.count == 2)
    clock.advance(by: .seconds(6))
    try await send(step)
    #expect(try await eventually { server.requests.count == 3 })
    try await server.end()
  }

  @Test("many messages at once ask for one token, also those of other steps of the same client")
  func singleFlight() async throws {
    let server = try await TokenServer()
    server.hold(true)
    let steps = [try step(server), try step(server)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<20 { group.addTask { try await send(steps[number % 2]) } }
      #expect(try await eventually { server.requests.count == 1 })
      server.hold(false)
      try await group.waitForAll()
    }
    #expect(server.requests.count == 1)
    #expect(server.calls.count == 20)
    try await send(try step(server, [("scope", ["another"])]))
    #expect(server.requests.count == 2)
    try await server.end()
  }

  @Test(
    "a step that reaches the endpoint in another way has tokens of its own",
    arguments: [
      ("tls", ["minimum_version": "1.3"]), ("proxy", ["url": "http://127.0.0.1:9", "no_proxy": ["127.0.0.1"]]),
    ]
      as [(String, Configuration)])
  func otherWay(option: String, value: Configuration) async throws {
    let server = try await TokenServer()
    let first = try step(server)
    let second = try step(server, [], [(option, value)])
    try await send(first)
    #expect(server.requests.count == 1)
    try await send(second)
    #expect(server.requests.count == 2)
    try await send(try step(server, [], [("timeout", "7s")]))
    #expect(server.requests.count == 2)
    try await server.end()
  }

  @Test("a message that is given up while it waits for a token takes it from nobody")
  func givenUp() async throws {
    let server = try await TokenServer()
    server.hold(true)
    let step = try step(server)
    let first = Task { try await send(step) }
    #expect(try await eventually { server.requests.count == 1 })
    let second = Task { try await send(step) }
    first.cancel()
    server.hold(false)
    #expect(text(try await second.value.body) == "done")
    #expect(server.requests.count == 1)
    _ = await first.result
    try await server.end()
  }

  @Test("a token that the system does not take is replaced, once")
  func refusedToken() async throws {
    let server = try await TokenServer()
    let step = try step(server)
    try await send(step)
    server.refuse("Bearer token-1")
    #expect(text(try await send(step).body) == "done")
    #expect(server.calls == ["Bearer token-1", "Bearer token-1", "Bearer token-2"])
    server.refuse("Bearer token-2")
    server.state.withLock { $0.answers = [TokenServer.token("bad", expiresIn: "60")] }
    let failure = await failed { try await send(step) }
    #expect(failure?.kind == .unauthorized)
    #expect(failure?.reason == "upstream answered 401")
    #expect(server.requests.count == 3)
    #expect(server.calls.count == 5)
    try await server.end()
  }

  @Test("what streams is not sent again, but its token is forgotten")
  func stream() async throws {
    let server = try await TokenServer()
    let step = try step(server)
    try await send(step)
    server.refuse("Bearer token-1")
    let pieces = Recorder<Int>()
    let stream = BodyStream {
      pieces.append(1)
      return pieces.all.count < 3 ? [1, 2, 3] : nil
    }
    #expect(await failed { try await send(step, body: .stream(stream)) }?.kind == .unauthorized)
    #expect(text(try await send(step).body) == "done")
    #expect(server.requests.count == 2)
    try await server.end()
  }

  @Test(
    "what the token endpoint answers instead of a token is a failure of its kind, and tells no secret",
    arguments: [
      (401, #"{"error": "invalid_client"}"#, .unauthorized, "the token endpoint answered 401 (invalid_client)"),
      (400, #"{"error": "invalid_scope"}"#, .unauthorized, "the token endpoint answered 400 (invalid_scope)"),
      (400, #"{"error": "geheim"}"#, .unauthorized, "the token endpoint answered 400"),
      (429, "", .overloaded, "the token endpoint answered 429"),
      (503, "geheim", .unavailable, "the token endpoint answered 503"),
      (302, "geheim", .unavailable, "the token endpoint answered 302"),
      (200, "geheim", .unavailable, "the token endpoint's answer holds no access token"),
      (200, #"{"access_token": 7}"#, .unavailable, "the token endpoint's answer holds no access token"),
      (
        200, #"{"access_token": "geheim\r\nx: y"}"#, .unavailable,
        "the token endpoint's answer holds a token with characters that none may have"
      ),
      (
        200, #"{"access_token": "geheim", "token_type": "mac"}"#, .unavailable,
        "the token endpoint gave a token of a type other than bearer"
      ),
    ] as [(Int, String, Failure.Kind, String)])
  func refusals(status: Int, body: String, kind: Failure.Kind, reason: String) async throws {
    let server = try await TokenServer([TokenServer.answer(status, body, headers: ["retry-after": "7"])])
    let step = try step(server)
    let log = LogRecorder()
    let failure = await failed { try await send(step, log: log) }
    #expect(failure?.kind == kind)
    #expect(failure?.reason == reason)
    #expect(failure?.retryAfter == (status == 429 || status == 503 || status == 302 ? .seconds(7) : nil))
    #expect(!log.text.contains("geheim") && !log.text.contains("cret"))
    #expect(server.calls.isEmpty)
    // The next message asks again.
    #expect(text(try await send(step).body) == "done")
    try await server.end()
  }

  @Test("a token endpoint that answers too much, or is not there, is not available")
  func unreachable() async throws {
    let server = try await TokenServer([TokenServer.answer(200, String(repeating: " ", count: 300_000))])
    let step = try step(server)
    let large = await failed { try await send(step) }
    #expect(large?.kind == .unavailable)
    try await server.end()
    let gone = await failed { try await send(step) }
    #expect(gone?.kind == .unavailable)
    #expect(gone?.reason.hasPrefix("no access token: could not connect") == true)
  }

  @Test(
    "a token whose life is not said, or is said as a string, is used", arguments: [nil, "\"3600\"", "0", "-5", "1e99"])
  func lifetimes(expiresIn: String?) async throws {
    let server = try await TokenServer([TokenServer.token("t", expiresIn: expiresIn)])
    server.state.withLock { _ = $0.taken.insert("Bearer t") }
    #expect(text(try await send(try step(server)).body) == "done")
    try await server.end()
  }

  @Test(
    "options that cannot work are refused when the route is loaded",
    arguments: [
      ["token_url": "ftp://x", "client_id": "a", "client_secret": "${env:NONE:-s}"],
      ["token_url": "https://user@x/", "client_id": "a", "client_secret": "${env:NONE:-s}"],
      ["token_url": "https://x/", "client_id": "", "client_secret": "${env:NONE:-s}"],
      ["token_url": "https://x/", "client_id": "a", "client_secret": "literal"],
      ["token_url": "https://x/", "client_id": "a"],
      [
        "token_url": "https://x/", "client_id": "a", "client_secret": "${env:NONE:-s}",
        "parameters": ["grant_type": "password"],
      ],
    ] as [Configuration])
  func badOptions(oauth2: Configuration) {
    #expect(throws: Diagnostics.self) {
      _ = try ComponentLoader([.rest]).make(
        .destination, "rest", ["url": "http://x", "auth": ["oauth2": oauth2]])
    }
  }
}

extension LogRecorder {
  /// All that was logged, as a text to search.
  fileprivate var text: String { "\(lines.all)" }
}
