import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest source")
struct RESTSourceTests {
  @Test("a request becomes a message: body, headers, and what the path and query hold")
  func request() async throws {
    let messages = Recorder<Message>()
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/wards/{ward}/beds"]) { message in
      messages.append(message)
      return .next
    }
    _ = try await route.send(
      "POST", "/wards/4%20b/beds?a=1&b=x+y%26z&a=2&flag", headers: ["content-type": "text/plain", "X-Own": "v"],
      body: Array("hello".utf8))
    let message = messages.all[0]
    #expect(text(message.body) == "hello")
    #expect(message.headers["x-own"] == "v")
    #expect(message.contentType == "text/plain")
    let request = try #require(message.properties["request"])
    let json = String(decoding: try request.jsonBytes(), as: UTF8.self)
    let remote = try #require(request.member("remote")?.string)
    #expect(
      json == """
        {"method":"POST","path":"/wards/4%20b/beds","parameters":{"ward":"4 b"},\
        "query":{"a":["1","2"],"b":"x y&z","flag":""},"remote":"\(remote)"}
        """)
    #expect(remote.hasPrefix("127.0.0.1:"))
    try await route.end()
  }

  @Test("a source that does not say how large a body may be takes what the engine's limits say")
  func bodyLimit() async throws {
    var limits = EngineLimits()
    limits.http.maxBody = 4
    limits.http.maxBodyCeiling = 6
    let context = Context.testing(limits: limits)
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"], context: context) { _ in .next }
    #expect(try await route.send("POST", "/", body: Array("1234".utf8)).status == 200)
    #expect(try await route.send("POST", "/", body: Array("12345".utf8)).status == 413)
    try await route.end()
  }

  @Test("a source cannot take larger bodies than the engine's limits allow")
  func bodyCeiling() throws {
    var limits = EngineLimits()
    limits.http.maxBodyCeiling = 1 << 10
    let loader = ComponentLoader([.rest], context: .testing(limits: limits))
    _ = try loader.make(.source, "rest", ["path": "/", "max_body": "1KiB"])
    do {
      _ = try loader.make(.source, "rest", ["path": "/", "max_body": "2KiB"])
      Issue.record("a larger body was allowed")
    } catch {
      #expect(error.all.map(\.message) == ["rest: max_body is 2KiB, and omnibus.yaml allows at most 1KiB"])
    }
  }

  @Test("the reply is the message at the end of the route")
  func reply() async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { message in
      message.body = .bytes(Array("{}".utf8))
      message.contentType = "application/json"
      message.headers["location"] = "/1"
      message.properties["status"] = .int(201)
      return .next
    }
    let response = try await route.send("POST", "/", body: [1])
    #expect(response.status == 201)
    #expect(text(response.body) == "{}")
    #expect(response.headers["content-type"] == "application/json")
    #expect(response.headers["location"] == "/1")
    try await route.end()
  }

  @Test("nothing that came in is sent back, but what the route has set anew is")
  func noEcho() async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { message in
      message.headers["x-changed"] = "after"
      // The same value under the same name: it was set nevertheless.
      for name in ["x-request-id", "X-Trace-Id"] { message.headers[name] = message.headers[name] }
      return .next
    }
    let response = try await route.send(
      "POST", "/",
      headers: [
        "Authorization": "Basic c2VjcmV0", "Cookie": "a=b", "X-Same": "1", "X-Changed": "before",
        "x-request-id": "r", "x-trace-id": "t",
        "content-type": "text/plain",
      ], body: [0x68])
    #expect(response.status == 200)
    #expect(response.headers["content-type"] == "text/plain")
    #expect(response.headers["x-changed"] == "after")
    #expect(response.headers["x-request-id"] == "r")
    #expect(response.headers["x-trace-id"] == "t")
    for name in ["authorization", "cookie", "x-same", "accept", "host"] { #expect(response.headers[name] == nil) }
    try await route.end()
  }

  @Test("a route that stops is answered with 202, an empty reply with 204")
  func emptyReplies() async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/{how}"]) { message in
      let how = message.properties["request"]?.member("parameters")?.member("how")?.string
      if how == "empty" { message.body = .empty }
      return how == "stop" ? .stop : .next
    }
    let stopped = try await route.send("POST", "/stop", headers: ["content-type": "text/plain"], body: [1])
    #expect(stopped.status == 202)
    #expect(text(stopped.body) == "")
    let empty = try await route.send("POST", "/empty", body: [1])
    #expect(empty.status == 204)
    try await route.end()
  }

  @Test(
    "a failure is a problem document with the status of its kind",
    arguments: [
      (Failure.Kind.invalid, 400), (.rejected, 422), (.unauthorized, 502), (.overloaded, 429), (.unavailable, 503),
      (.timeout, 504), (.outcomeUnknown, 504), (.internal, 500), (.cancelled, 503),
    ])
  func failure(kind: Failure.Kind, status: Int) async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { _ in
      throw Failure(
        kind, "two \"rules\" failed",
        problems: [.init("is missing", place: "/name"), .init("too long", place: "PID-3")],
        retryAfter: .milliseconds(1500))
    }
    let response = try await route.send("POST", "/", body: Array("secret".utf8))
    #expect(response.status == status)
    #expect(response.headers["content-type"] == "application/problem+json")
    #expect(response.headers["retry-after"] == "2")
    let body = try JSONDocument(parsing: Array((text(response.body) ?? "").utf8)).root
    #expect(body.member("status")?.int == status)
    #expect(body.member("type")?.string == "urn:omnibus:problem:\(kind.rawValue)")
    #expect(body.member("title")?.string?.isEmpty == false)
    #expect(body.member("detail")?.string == "two \"rules\" failed")
    #expect(body.member("instance")?.string?.hasPrefix("urn:uuid:") == true)
    let errors = try #require(body.member("errors")).jsonBytes()
    #expect(
      String(decoding: errors, as: UTF8.self) == """
        [{"detail":"is missing","pointer":"#/name"},{"detail":"too long","place":"PID-3"}]
        """)
    try await route.end()
  }

  @Test("an error that is no failure, and a status that is none, are internal errors")
  func internalErrors() async throws {
    struct Surprise: Error {}
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/{how}"]) { message in
      if message.properties["request"]?.member("path")?.string == "/throw" { throw Surprise() }
      message.properties["status"] = .int(99)
      return .next
    }
    #expect(try await route.send("POST", "/throw").status == 500)
    #expect(try await route.send("POST", "/status").status == 500)
    try await route.end()
  }

  @Test("what became a message is logged by the engine; a reply that cannot be sent is logged here")
  func log() async throws {
    let log = LogRecorder()
    let route = try await ServedRoute(
      ["listen": "127.0.0.1:0", "path": "/{how}"], context: .testing(log: log)
    ) { message in
      if message.properties["request"]?.member("path")?.string == "/fail" { throw Failure(.unavailable, "down") }
      message.properties["status"] = .int(99)
      return .next
    }
    #expect(try await route.send("POST", "/fail").status == 503)
    #expect(log.lines.all.isEmpty)
    #expect(try await route.send("POST", "/status").status == 500)
    #expect(log.lines.all.map(\.message) == ["the reply cannot be sent"])
    try await route.end()
  }

  @Test("methods that are not listed are refused, and any takes all")
  func methods() async throws {
    let listed = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/", "method": ["PUT", "DELETE"]]) { _ in .stop
    }
    #expect(try await listed.send("PUT", "/").status == 202)
    #expect(try await listed.send("DELETE", "/").status == 202)
    let refused = try await listed.send("POST", "/")
    #expect(refused.status == 405)
    #expect(refused.headers["allow"]?.contains("PUT") == true)
    let any = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/", "method": "any"]) { _ in .stop }
    for method in ["GET", "POST", "PATCH"] { #expect(try await any.send(method, "/").status == 202) }
    try await listed.end()
    try await any.end()
  }

  @Test("a body that is too large is answered with 413, also when it is checked late", arguments: [true, false])
  func tooLarge(withAuth: Bool) async throws {
    let options: Configuration =
      withAuth
      ? ["listen": "127.0.0.1:0", "path": "/", "max_body": "100KiB", "auth": ["bearer": ["token": "${env:NONE:-t}"]]]
      : ["listen": "127.0.0.1:0", "path": "/", "max_body": "100KiB"]
    let route = try await ServedRoute(options) { _ in .stop }
    let headers: Headers = ["authorization": "Bearer t"]
    let fits = try await route.send("POST", "/", headers: headers, body: [UInt8](repeating: 1, count: 100 << 10))
    #expect(fits.status == 202)
    let large = try await route.send("POST", "/", headers: headers, body: [UInt8](repeating: 1, count: 100 << 10 + 1))
    #expect(large.status == 413)
    try await route.end()
  }

  @Test("content types that are not taken get 415, and types that nobody accepts 406")
  func negotiation() async throws {
    let route = try await ServedRoute([
      "listen": "127.0.0.1:0", "path": "/", "consumes": ["application/json", "text/*"],
      "produces": ["application/json"],
    ]) { message in
      message.contentType = nil
      return .next
    }
    func status(_ type: String?, accept: String) async throws -> Int {
      var headers: Headers = ["accept": accept]
      headers["content-type"] = type
      return try await route.send("POST", "/", headers: headers, body: [1]).status
    }
    #expect(try await status("Application/JSON; charset=utf-8", accept: "*/*") == 200)
    #expect(try await status("text/plain", accept: "application/*") == 200)
    #expect(try await status("text/plain", accept: "text/html, application/json;q=0.1") == 200)
    #expect(try await status("application/xml", accept: "*/*") == 415)
    #expect(try await status(nil, accept: "*/*") == 415)
    #expect(try await status("text/plain", accept: "application/xml") == 406)
    #expect(try await status("text/plain", accept: "*/*, application/json;q=0") == 406)
    let response = try await route.send("POST", "/", headers: ["content-type": "text/plain"], body: [1])
    #expect(response.headers["content-type"] == "application/json")
    try await route.end()
  }

  @Test("a query that is not well-formed is refused", arguments: ["a=%zz", "a=%f", "a=%ff", "%C3"])
  func badQuery(query: String) async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { _ in .stop }
    #expect(try await route.send("POST", "/?\(query)").status == 400)
    try await route.end()
  }

  @Test("a document is written, with its content type")
  func document() async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/", "method": "GET"]) { message in
      message.body = .document(JSONDocument(.map(ValueMap([("id", .int(7))]))))
      return .next
    }
    let response = try await route.send("GET", "/")
    #expect(text(response.body) == "{\"id\":7}")
    #expect(response.headers["content-type"] == "application/json")
    try await route.end()
  }

  @Test("a body is a stream where that is asked for, and a reply can be one")
  func streams() async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/", "stream": true]) { message in
      guard case .stream = message.body else { throw Failure(.invalid, "no stream") }
      return .next
    }
    let body = [UInt8](repeating: 3, count: 1 << 20)
    let response = try await route.send("POST", "/", body: body)
    #expect(response.status == 200)
    #expect(text(response.body)?.utf8.count == body.count)
    try await route.end()
  }

  @Test("stopping waits for what is under way, and takes nothing more")
  func gracefulStop() async throws {
    let entered = StopSignal()
    let leave = StopSignal()
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { _ in
      entered.signal()
      await leave.wait()
      return .stop
    }
    let answer = Task { try await route.send("POST", "/") }
    await entered.wait()
    let ended = Task { try await route.end() }
    // Until the address is free: the connection of a request ends a moment earlier, when one reactor of two knows.
    while await failed({ try await route.send("GET", "/") })?.reason.contains("could not connect") != true {}
    leave.signal()
    #expect(try await answer.value.status == 202)
    // The client must not send its next request on a connection that ends.
    #expect(try await answer.value.headers["connection"] == "close")
    try await ended.value
    #expect(await failed { try await route.send("POST", "/") }?.kind == .unavailable)
  }

  @Test("a source that is cancelled ends, whatever is under way")
  func cancelled() async throws {
    let entered = StopSignal()
    let leave = StopSignal()
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { _ in
      entered.signal()
      await leave.wait()
      return .stop
    }
    let answer = Task { await failed { try await route.send("POST", "/") } }
    await entered.wait()
    route.cancel()
    try await route.end()
    #expect(await answer.value != nil)
    leave.signal()
  }

  @Test("an address that is taken is told before the source runs")
  func addressTaken() async throws {
    let route = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { _ in .stop }
    guard
      case .source(let second) = try ComponentLoader([.rest]).make(
        .source, "rest", ["listen": "192.0.2.1:\(route.port)", "path": "/"])
    else { return }
    let failure = await failed { try await second.prepare() }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason.hasPrefix("cannot listen on 192.0.2.1:") == true)
    try await route.end()
  }

  @Test("two sources share an address, and one that never runs gives it back")
  func sharedAddress() async throws {
    let first = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/a"]) { message in
      message.body = .bytes([0x61])
      return .next
    }
    let address: Configuration = "127.0.0.1:\(first.port)"
    let second = try await ServedRoute(["listen": address, "path": "/b"]) { message in
      message.body = .bytes([0x62])
      return .next
    }
    guard
      case .source(let unused) = try ComponentLoader([.rest]).make(.source, "rest", ["listen": address, "path": "/c"])
    else { return }
    try await unused.prepare()
    #expect(text(try await first.send("POST", "/a").body) == "a")
    #expect(text(try await first.send("POST", "/b").body) == "b")
    #expect(try await first.send("POST", "/c").status == 404)
    try await first.end()
    #expect(text(try await second.send("POST", "/b").body) == "b")
    #expect(try await second.send("POST", "/a").status == 404)
    try await second.end()
  }
}
