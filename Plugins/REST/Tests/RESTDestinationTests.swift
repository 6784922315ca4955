import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest destination")
struct RESTDestinationTests {
  /// Sends `message` to an upstream that answers by `route`, and gives what the message has become.
  private func send(
    _ options: [(String, Configuration)], _ message: Message, clock: any EngineClock = ManualClock(),
    upstream route: @escaping @Sendable (inout Message) async throws -> Next, after: () -> Void = {}
  ) async throws -> Message {
    let upstream = try await ServedRoute(
      ["listen": "127.0.0.1:0", "path": "/{rest...}", "method": "any"], route: route)
    let url = ("url", Configuration(stringLiteral: "http://127.0.0.1:\(upstream.port)"))
    do {
      let message = try await send(Configuration(entries: [url] + options), message, clock: clock)
      try await upstream.end()
      return message
    } catch {
      after()
      try await upstream.end()
      throw error
    }
  }

  private func send(
    _ options: Configuration, _ message: Message, clock: any EngineClock = ManualClock()
  ) async throws -> Message {
    guard case .step(let step) = try ComponentLoader([.rest]).make(.destination, "rest", options) else {
      throw Failure(.internal, "rest is no destination")
    }
    var message = message
    _ = try await step.process(&message, .testing(step: "deliver", clock: clock))
    return message
  }

  @Test("the body goes out with its content type, and the answer comes back in its place")
  func roundTrip() async throws {
    let seen = Recorder<Message>()
    let message = Message(headers: ["content-type": "text/plain", "x-kept": "1"], body: .bytes(Array("out".utf8)))
    let answer = try await send([("path", "/a b")], message) { message in
      seen.append(message)
      message.body = .bytes(Array("{}".utf8))
      message.contentType = "application/json"
      message.headers["etag"] = "\"7\""
      message.properties["status"] = .int(201)
      return .next
    }
    let request = seen.all[0]
    #expect(text(request.body) == "out")
    #expect(request.contentType == "text/plain")
    #expect(request.properties["request"]?.member("method")?.string == "POST")
    #expect(request.properties["request"]?.member("path")?.string == "/a%20b")
    #expect(text(answer.body) == "{}")
    #expect(answer.contentType == "application/json")
    #expect(answer.headers["x-kept"] == "1")
    #expect(answer.headers["etag"] == nil)
    #expect(answer.properties["deliver"]?.member("status")?.int == 201)
    #expect(answer.properties["deliver"]?.member("headers")?.member("etag")?.string == "\"7\"")
  }

  @Test("only the headers that are listed, the content type and the trace context leave")
  func headers() async throws {
    let seen = Recorder<Headers>()
    var message = Message(
      headers: [
        "Authorization": "Bearer inbound", "cookie": "a=b", "x-internal": "1", "content-type": "text/plain",
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      ], body: .bytes([1]))
    message.trace = TraceContext(message.headers)
    _ = try await send([("headers", ["x-own": "v", "X-Copied": "${ headers['x-internal'] }"])], message) { message in
      seen.append(message.headers)
      return .stop
    }
    let headers = seen.all[0]
    #expect(
      Set(headers.map { $0.name.lowercased() })
        == [
          "host", "accept", "x-own", "x-copied", "content-type", "traceparent", "content-length", "idempotency-key",
        ])
    #expect(headers["x-copied"] == "1")
    #expect(headers["traceparent"] == message.headers["traceparent"])
  }

  @Test("what an expression puts into path and query stays one part of it")
  func encoding() async throws {
    let seen = Recorder<Value>()
    var message = Message(body: .empty)
    message.headers["id"] = "a/b?c=d#e %&é"
    let options: [(String, Configuration)] = [
      ("method", "GET"), ("path", "/patients/${ headers.id }/x%2Fy"),
      ("query", ["q&": "${ headers.id }", "fixed": "1 2"]),
    ]
    _ = try await send(options, message) { message in
      if let request = message.properties["request"] { seen.append(request) }
      return .stop
    }
    #expect(seen.all[0].member("path")?.string == "/patients/a%2Fb%3Fc%3Dd%23e%20%25%26%C3%A9/x%2Fy")
    #expect(seen.all[0].member("query")?.member("q&")?.string == "a/b?c=d#e %&é")
    #expect(seen.all[0].member("query")?.member("fixed")?.string == "1 2")
  }

  @Test("dots cannot lead out of the path, and line breaks not out of a header", arguments: ["..", "."])
  func traversal(id: String) async throws {
    var message = Message(body: .bytes([1]))
    message.headers["id"] = id
    let path = await failed {
      try await send([("path", "/patients/${ headers.id }/notes")], message) { _ in .stop }
    }
    #expect(path?.kind == .invalid)
    message.properties["evil"] = .string("a\r\nx-evil: 1")
    let header = await failed {
      try await send([("headers", ["x-own": "${ properties.evil }"])], message) { _ in .stop }
    }
    #expect(header?.kind == .invalid)
    #expect(header?.reason.contains("evil") == false)
  }

  @Test("basic and bearer log in")
  func auth() async throws {
    let seen = Recorder<String>()
    for auth: Configuration in [
      ["basic": ["user": "bus", "password": "${env:NONE:-geheim}"]], ["bearer": ["token": "${env:NONE:-abc}"]], "none",
    ] {
      _ = try await send([("auth", auth)], Message(body: .bytes([1]))) { message in
        seen.append(message.headers["authorization"] ?? "")
        return .stop
      }
    }
    #expect(seen.all == ["Basic YnVzOmdlaGVpbQ==", "Bearer abc", ""])
  }

  @Test(
    "statuses that are not success are failures",
    arguments: [
      (307, Failure.Kind.rejected), (302, .rejected), (400, .rejected), (404, .rejected), (422, .rejected),
      (401, .unauthorized), (403, .unauthorized), (408, .timeout), (429, .overloaded), (500, .unavailable),
      (503, .unavailable),
    ])
  func statuses(status: Int, kind: Failure.Kind) async throws {
    let failure = await failed {
      try await send([], Message(body: .bytes(Array("patient".utf8)))) { message in
        message.properties["status"] = .int(Int64(status))
        message.headers["retry-after"] = "7"
        return .next
      }
    }
    #expect(failure?.kind == kind)
    #expect(failure?.reason.hasPrefix("upstream answered \(status)") == true)
    #expect(failure?.reason.contains("patient") == false)
    #expect(failure?.retryAfter == (kind == .rejected ? nil : .seconds(7)))
  }

  @Test("an upstream that is not there is unavailable, and the message stays as it was")
  func unavailable() async throws {
    let gone = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/"]) { _ in .stop }
    try await gone.end()
    guard
      case .step(let step) = try ComponentLoader([.rest]).make(
        .destination, "rest", ["url": "http://127.0.0.1:\(gone.port)"])
    else { return }
    var message = Message(body: .bytes(Array("kept".utf8)))
    let failure = await failed { try await step.process(&message, .testing()) }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.isTransient == true)
    #expect(text(message.body) == "kept")
  }

  @Test(
    "silence is an unknown outcome for POST, a time-out for PUT",
    arguments: [("POST", Failure.Kind.outcomeUnknown), ("PUT", .timeout)])
  func silence(method: String, kind: Failure.Kind) async throws {
    let leave = StopSignal()
    let failure = await failed {
      try await send(
        [("method", Configuration(stringLiteral: method)), ("timeout", "50ms")], Message(body: .bytes([1]))
      ) {
        _ in
        await leave.wait()
        return .stop
      } after: {
        leave.signal()
      }
    }
    #expect(failure?.kind == kind)
  }

  @Test("a stream is sent as it comes, and is not sent a second time")
  func stream() async throws {
    let sizes = Recorder<Int>()
    let pieces = Recorder<Int>()
    let stream = BodyStream {
      guard pieces.all.count < 10 else { return nil }
      pieces.append(1)
      return [UInt8](repeating: 1, count: 10_000)
    }
    let message = Message(body: .stream(stream))
    _ = try await send([], message) { message in
      sizes.append(text(message.body)?.utf8.count ?? -1)
      return .stop
    }
    #expect(sizes.all == [100_000])
    #expect(await failed { try await send([], message) { _ in .stop } }?.kind == .invalid)
    #expect(sizes.all == [100_000])
  }

  @Test("what a stream that broke off has left is not passed on")
  func partOfStream() async throws {
    let stream = BodyStream(length: 100_000) { [UInt8](repeating: 1, count: 10) }
    let message = Message(body: .stream(stream))
    let failure = await failed {
      try await send([("timeout", "5s")], message) { message in throw Failure(.unavailable, "down") }
    }
    #expect(failure != nil)
    #expect(throws: Failure.self) { try stream.claim() }
    #expect(throws: Failure.self) { try Reply(defaultType: nil).response(message, .next) }
    #expect(await failed { try await stream.collect(limit: 1 << 20) }?.kind == .invalid)
  }

  @Test("an attempt to send a message again has the key of the first one", arguments: ["POST", "PATCH"])
  func idempotencyKey(method: String) async throws {
    let seen = Recorder<[String]>()
    let message = Message(body: .bytes([1]))
    func send(_ message: Message, _ headers: Configuration = [:]) async throws {
      let options: [(String, Configuration)] = [("method", .init(stringLiteral: method)), ("headers", headers)]
      _ = try? await self.send(options, message) { message in
        seen.append(message.headers.values("idempotency-key"))
        throw Failure(.unavailable, "down")
      }
    }
    try await send(message)
    try await send(message)
    try await send(Message(body: .bytes([1])))
    try await send(message, ["Idempotency-Key": "own"])
    #expect(seen.all[0] == ["\"\(message.id)/test/deliver\""])
    #expect(seen.all[1] == seen.all[0])
    #expect(seen.all[2] != seen.all[0])
    #expect(seen.all[3] == ["own"])
  }

  @Test("methods that may be repeated have no key", arguments: ["GET", "PUT", "DELETE"])
  func noIdempotencyKey(method: String) async throws {
    _ = try await send([("method", .init(stringLiteral: method))], Message(body: .bytes([1]))) { message in
      #expect(!message.headers.contains("idempotency-key"))
      return .stop
    }
  }

  @Test("GET sends no body, and an answer can be a stream")
  func streamedAnswer() async throws {
    let answer = try await send([("method", "GET"), ("stream", true)], Message(body: .bytes([1, 2, 3]))) { message in
      if case .empty = message.body {} else { Issue.record("there is a body") }
      message.body = .bytes([UInt8](repeating: 7, count: 1 << 20))
      return .next
    }
    guard case .stream(let stream) = answer.body else {
      Issue.record("expected a stream")
      return
    }
    #expect(try await stream.collect(limit: 2 << 20).count == 1 << 20)
  }

  @Test(
    "options that cannot work are refused when the route is loaded",
    arguments: [
      [:], ["url": "ftp://h"], ["url": "http://"], ["url": "http://u:p@h"], ["url": "http://h/?a=b"],
      ["url": "http://h", "path": "/a?b"], ["url": "http://h", "method": "FETCH"],
      ["url": "http://h", "timeout": "0s"],
      ["url": "http://h", "headers": ["content-length": "1"]], ["url": "http://h", "headers": ["a b": "1"]],
      ["url": "http://h", "auth": [:]],
      [
        "url": "http://h",
        "auth": ["basic": ["user": "a", "password": "${env:NONE:-b}"], "bearer": ["token": "${env:NONE:-t}"]],
      ],
    ] as [Configuration])
  func badOptions(options: Configuration) {
    #expect(throws: Diagnostics.self) { _ = try ComponentLoader([.rest]).make(.destination, "rest", options) }
  }
}
