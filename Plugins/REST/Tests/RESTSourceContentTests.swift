import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest source, content coding and negotiation")
struct RESTSourceContentTests {
  private func served(
    _ options: [(String, Configuration)],
    route: @escaping @Sendable (inout Message) async throws -> Next
  ) async throws -> ServedRoute {
    try await ServedRoute(
      Configuration(entries: [("listen", "127.0.0.1:0"), ("path", "/"), ("method", "any")] + options), route: route)
  }

  // MARK: bodies that come in

  @Test("a body in gzip is decoded before the route sees it, also where it streams", arguments: [false, true])
  func gzipIn(streams: Bool) async throws {
    let sent = Array(String(repeating: "a line of text\n", count: 20_000).utf8)
    let seen = Recorder<[UInt8]>()
    let route = try await served([("stream", .init(booleanLiteral: streams))]) { message in
      #expect(message.headers["content-encoding"] == nil)
      if case .stream(let stream) = message.body {
        seen.append(try await stream.collect(limit: .max))
      } else {
        seen.append(try message.bodyBytes())
      }
      return .stop
    }
    for coding in ["gzip", "X-Gzip"] {
      let answer = try await route.send("POST", "/", headers: ["content-encoding": coding], body: Gzip.encode(sent))
      #expect(answer.status == 202)
    }
    #expect(try await route.send("POST", "/", headers: ["content-encoding": "identity"], body: sent).status == 202)
    #expect(seen.all == [sent, sent, sent])
    try await route.end()
  }

  @Test(
    "other codings, and codings over one another, are refused before the body is read",
    arguments: ["br", "deflate", "gzip, gzip", "gzip, br", "zstd"])
  func unknownCoding(coding: String) async throws {
    let route = try await served([]) { _ in
      Issue.record("the route ran")
      return .stop
    }
    let answer = try await route.send("POST", "/", headers: ["content-encoding": coding], body: [1, 2, 3])
    #expect(answer.status == 415)
    #expect(answer.headers["accept-encoding"] == "gzip")
    try await route.end()
  }

  @Test("what is too large once it is decoded, a bomb, and what is no gzip are refused")
  func hostile() async throws {
    let route = try await served([("max_body", "2MiB")]) { _ in
      Issue.record("the route ran")
      return .stop
    }
    let noise = (0..<(2 << 20) + 1).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13 & 63) }
    let large = Gzip.encode(noise)
    #expect(large.count < 2 << 20)
    let bomb = Gzip.encode([UInt8](repeating: 0, count: 2 << 20))
    for (body, status) in [(large, 413), (bomb, 413), (Array("no gzip".utf8), 400), (Array(large.prefix(999)), 400)] {
      let answer = try await route.send("POST", "/", headers: ["content-encoding": "gzip"], body: body)
      #expect(answer.status == status)
      #expect(answer.headers["content-type"] == "application/problem+json")
    }
    try await route.end()
  }

  @Test("what bodies become when they are decoded counts as bodies do, until their requests are answered")
  func decodedMemory() async throws {
    var limits = EngineLimits()
    // Two reactors share it.
    limits.http.memory = 2 << 20
    let (outcomes, outcome) = AsyncStream<Int>.makeStream()
    let release = StopSignal()
    let route = try await ServedRoute(
      ["listen": "127.0.0.1:0", "path": "/", "method": "any"], context: .testing(limits: limits)
    ) { _ in
      outcome.yield(0)
      await release.wait()
      return .stop
    }
    let body = Gzip.encode([UInt8](repeating: 0, count: 900_000))
    let post = { @Sendable in
      try await route.send("POST", "/", headers: ["content-encoding": "gzip"], body: body).status
    }
    try await withThrowingTaskGroup(of: Int.self) { group in
      var next = outcomes.makeAsyncIterator()
      var waiting = 0
      for _ in 0..<8 {
        group.addTask {
          let status = try await post()
          outcome.yield(status)
          return status
        }
        let status = await next.next()
        #expect(status == 0 || status == 503)
        if status == 0 { waiting += 1 }
      }
      // Each reactor has room for two.
      #expect(1...4 ~= waiting)
      release.signal()
      var statuses: [Int] = []
      for try await status in group { statuses.append(status) }
      #expect(statuses.filter { $0 == 202 }.count == waiting)
    }
    #expect(try await post() == 202)
    try await route.end()
  }

  @Test("a bomb that streams fails the route's reading, in bounded memory")
  func streamedBomb() async throws {
    let largest = Recorder<Int>()
    let route = try await served([("stream", true), ("max_body", "1GiB")]) { message in
      guard case .stream(let stream) = message.body else { return .stop }
      try stream.claim()
      var total = 0
      do {
        while let piece = try await stream.next() { total += piece.count }
      } catch {
        largest.append(total)
        throw error
      }
      return .stop
    }
    let bomb = Gzip.encode([UInt8](repeating: 0, count: 128 << 20))
    let answer = try await route.send("POST", "/", headers: ["content-encoding": "gzip"], body: bomb)
    #expect(answer.status == 400)
    #expect(largest.all.allSatisfy { $0 < 40 << 20 })
    try await route.end()
  }

  // MARK: answers

  private static let long = String(repeating: "{\"name\": \"value\"}", count: 100)

  @Test("an answer that is worth it is compressed for who accepts gzip", arguments: [100, 10_000])
  func gzipOut(times: Int) async throws {
    let text = String(repeating: "{\"name\": \"value\"}", count: times)
    let route = try await served([("compress", true)]) { message in
      message.body = .bytes(Array(text.utf8))
      message.contentType = "application/fhir+json"
      message.headers["etag"] = "\"7\""
      return .next
    }
    let plain = try await route.send("GET", "/")
    #expect(plain.headers["content-encoding"] == nil)
    #expect(plain.headers["vary"] == "Accept-Encoding")
    #expect(plain.headers["etag"] == "\"7\"")
    let answer = try await route.send("GET", "/", headers: ["accept-encoding": "br, gzip"])
    #expect(answer.headers["content-encoding"] == "gzip")
    #expect(answer.headers["vary"] == "Accept-Encoding")
    #expect(answer.headers["etag"] == "W/\"7\"")
    let bytes = try #require(answer.body.bytes)
    #expect(bytes.count < text.utf8.count / 4)
    #expect(try Gzip.decode(bytes, limit: .max) == Array(text.utf8))
    #expect(
      try await route.send("GET", "/", headers: ["accept-encoding": "gzip", "if-none-match": "W/\"7\""]).status == 304)
    try await route.end()
  }

  @Test("a stream is compressed as it goes")
  func gzipStream() async throws {
    let route = try await served([("compress", true)]) { message in
      let left = Recorder<Int>()
      message.body = .stream(
        BodyStream {
          left.append(1)
          return left.all.count <= 100 ? Array("line \(left.all.count) of many\n".utf8) : nil
        })
      message.contentType = "text/plain"
      return .next
    }
    let answer = try await route.send("GET", "/", headers: ["accept-encoding": "gzip"])
    let text = String(decoding: try Gzip.decode(try #require(answer.body.bytes), limit: .max), as: UTF8.self)
    #expect(text.hasPrefix("line 1 of many\n") && text.hasSuffix("line 100 of many\n"))
    try await route.end()
  }

  @Test(
    "what is small, a picture, coded already or not to be changed is not compressed",
    arguments: [
      (["content-type": "text/plain"], 100), (["content-type": "image/png"], 5000), ([:], 5000),
      (["content-type": "text/plain", "content-encoding": "br"], 5000),
      (["content-type": "text/plain", "cache-control": "private, no-transform"], 5000),
    ] as [(Headers, Int)])
  func notCompressed(headers: Headers, size: Int) async throws {
    let route = try await served([("compress", true)]) { message in
      for (name, value) in headers { message.headers[name] = value }
      message.body = .bytes([UInt8](repeating: 65, count: size))
      return .next
    }
    let answer = try await route.send("GET", "/", headers: ["accept-encoding": "gzip"])
    #expect(answer.body.bytes?.count == size)
    #expect(answer.headers["content-encoding"] == headers["content-encoding"])
    try await route.end()
  }

  @Test("nothing is compressed unless the route says so")
  func off() async throws {
    let route = try await served([]) { message in
      message.body = .bytes(Array(Self.long.utf8))
      message.contentType = "application/json"
      return .next
    }
    let answer = try await route.send("GET", "/", headers: ["accept-encoding": "gzip"])
    #expect(answer.headers["content-encoding"] == nil)
    #expect(answer.headers["vary"] == nil)
    try await route.end()
  }

  // MARK: negotiation

  @Test(
    "of the types that a route produces, the reader gets the one that it likes best",
    arguments: [
      (nil, "application/json"), ("application/xml", "application/xml"), ("*/*", "application/json"),
      ("application/xml, application/json", "application/json"),
      ("application/json;q=0.5, application/xml;q=0.7", "application/xml"),
      ("application/*;q=0.2, application/json;q=0.1", "application/xml"),
      ("*/*, application/json;q=0", "application/xml"), ("text/csv;q=0.9, */*;q=0.1", "text/csv"),
      ("APPLICATION/XML; charset=utf-8", "application/xml"), ("application/xml;q=7, text/csv", "text/csv"),
      ("application/json;version=2;q=0.9, application/json;q=0.1, text/*;q=0.3", "text/csv"), ("", "application/json"),
    ] as [(String?, String)])
  func negotiation(accept: String?, type: String) async throws {
    let seen = Recorder<String>()
    let route = try await served([("produces", ["application/json", "application/xml", "text/csv"])]) { message in
      seen.append(message.properties["request"]?.member("produces")?.string ?? "")
      message.body = .bytes([65])
      message.contentType = nil
      return .next
    }
    var headers = Headers()
    // libcurl sends one of its own where there is none.
    if let accept { headers["accept"] = accept }
    let answer = try await route.send("GET", "/", headers: headers)
    #expect(answer.headers["content-type"] == type)
    #expect(answer.headers["vary"] == "Accept")
    #expect(seen.all == [type])
    try await route.end()
  }

  @Test(
    "who accepts none of them is answered with 406", arguments: ["text/html", "application/json;q=0, text/html", "x"])
  func notAcceptable(accept: String) async throws {
    let route = try await served([("produces", ["application/json", "application/xml"])]) { _ in
      Issue.record("the route ran")
      return .stop
    }
    let answer = try await route.send("GET", "/", headers: ["accept": accept])
    #expect(answer.status == 406)
    #expect(answer.headers["vary"] == "Accept")
    #expect(text(answer.body)?.contains("application/json, application/xml") == true)
    try await route.end()
  }

  // MARK: conditions

  @Test(
    "a condition by tag puts the one by time out of force, also where the answer has no tag",
    arguments: [
      (["if-none-match": "\"7\"", "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"], 200),
      (["if-match": "\"7\"", "if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT"], 200),
      (["if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"], 304),
      (["if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT"], 412),
    ] as [(Headers, Int)])
  func conditionsWithoutTag(request: Headers, status: Int) async throws {
    let route = try await served([]) { message in
      message.body = .bytes([65])
      message.headers["last-modified"] = "Sun, 06 Nov 1994 08:49:37 GMT"
      return .next
    }
    #expect(try await route.send("GET", "/", headers: request).status == status)
    try await route.end()
  }

  @Test(
    "conditions are judged by the tag and the time of the answer, in their order",
    arguments: [
      (["if-none-match": "\"7\""], 304), (["if-none-match": "W/\"7\""], 304), (["if-none-match": "\"8\", \"7\""], 304),
      (["if-none-match": "*"], 304), (["if-none-match": "\"8\""], 200), (["if-none-match": "7"], 200),
      (["if-match": "\"7\""], 200), (["if-match": "*"], 200), (["if-match": "\"8\""], 412),
      (["if-match": "W/\"7\""], 412), (["if-match": "nonsense"], 412),
      (["if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"], 304),
      (["if-modified-since": "Sun, 06 Nov 1994 08:49:36 GMT"], 200), (["if-modified-since": "yesterday"], 200),
      (["if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT"], 412),
      (["if-unmodified-since": "Sun, 06 Nov 1994 08:49:37 GMT"], 200),
      (["if-none-match": "\"8\"", "if-modified-since": "Sun, 06 Nov 1994 08:49:37 GMT"], 200),
      (["if-match": "\"7\"", "if-unmodified-since": "Sun, 06 Nov 1994 08:49:36 GMT"], 200),
      (["if-match": "\"7\"", "if-none-match": "\"7\""], 304), (["if-match": "\"8\"", "if-none-match": "\"7\""], 412),
    ] as [(Headers, Int)])
  func conditions(headers: Headers, status: Int) async throws {
    let route = try await served([]) { message in
      message.body = .bytes(Array("content".utf8))
      message.contentType = "text/plain"
      message.headers["etag"] = "\"7\""
      message.headers["last-modified"] = "Sun, 06 Nov 1994 08:49:37 GMT"
      message.headers["cache-control"] = "max-age=60"
      return .next
    }
    let answer = try await route.send("GET", "/", headers: headers)
    #expect(answer.status == status)
    if status == 304 {
      #expect(answer.headers["etag"] == "\"7\"")
      #expect(answer.headers["cache-control"] == "max-age=60")
      #expect(answer.headers["content-type"] == nil)
    }
    #expect(try await route.send("HEAD", "/", headers: headers).status == status)
    #expect(try await route.send("PUT", "/", headers: headers, body: [1]).status == 200)
    try await route.end()
  }

  @Test("a tag is made of the bytes of the answer where the route wants one, and only where it has set none")
  func tags() async throws {
    let route = try await served([("etag", true)]) { message in
      message.body = .bytes(Array((message.headers["x-text"] ?? "").utf8))
      if message.headers["x-tag"] != nil { message.headers["etag"] = "\"own\"" }
      return .next
    }
    let first = try await route.send("GET", "/", headers: ["x-text": "one"])
    let tag = try #require(first.headers["etag"])
    #expect(tag.hasSuffix("-3\""))
    #expect(try await route.send("GET", "/", headers: ["x-text": "one", "if-none-match": tag]).status == 304)
    #expect(try await route.send("GET", "/", headers: ["x-text": "two", "if-none-match": tag]).status == 200)
    #expect(try await route.send("GET", "/", headers: ["x-text": "one", "x-tag": "1"]).headers["etag"] == "\"own\"")
    #expect(try await route.send("POST", "/", headers: ["x-text": "one"], body: [1]).headers["etag"] == nil)
    try await route.end()
  }

  @Test("a failed route is no state of the resource: its answer knows no conditions")
  func failedAnswer() async throws {
    let route = try await served([("etag", true)]) { _ in throw Failure(.rejected, "no") }
    let answer = try await route.send("GET", "/", headers: ["if-none-match": "*", "if-match": "\"7\""])
    #expect(answer.status == 422)
    #expect(answer.headers["etag"] == nil)
    try await route.end()
  }
}

extension Body {
  /// The bytes of a body that is held.
  fileprivate var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
}
