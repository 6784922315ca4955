import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest destination, bodies and answers")
struct RESTDestinationContentTests {
  /// Sends `message` to an upstream that answers by `route`, and gives what the message has become.
  private func send(
    _ options: [(String, Configuration)], _ message: Message,
    upstream route: @escaping @Sendable (inout Message) async throws -> Next
  ) async throws -> Message {
    let upstream = try await ServedRoute(
      ["listen": "127.0.0.1:0", "path": "/{rest...}", "method": "any", "max_body": "100MiB"], route: route)
    let url = ("url", Configuration(stringLiteral: "http://127.0.0.1:\(upstream.port)"))
    guard
      case .step(let step) = try ComponentLoader([.rest]).make(
        .destination, "rest", Configuration(entries: [url] + options))
    else { throw Failure(.internal, "rest is no destination") }
    var message = message
    let result = await failed {
      _ = try await step.process(&message, .testing(step: "deliver"))
      return 0
    }
    try await upstream.end()
    if let result { throw result }
    return message
  }

  // MARK: gzip

  @Test("a body is sent in gzip where the route says so", arguments: [10, 5_000, 200_000])
  func compress(size: Int) async throws {
    let seen = Recorder<Message>()
    let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 >> 4) }
    _ = try await send([("compress", true)], Message(body: .bytes(body))) { message in
      seen.append(message)
      return .stop
    }
    // Our own source has decoded it; that it was encoded is told by its length.
    #expect(try seen.all[0].bodyBytes() == body)
    #expect(seen.all[0].headers.contains("content-length") == (size < 1024))
    let pieces = Recorder<Int>()
    let stream = BodyStream(length: size) {
      pieces.append(1)
      return pieces.all.count == 1 ? body : nil
    }
    _ = try await send([("compress", true)], Message(body: .stream(stream))) { message in
      let received = try message.bodyBytes()
      #expect(received == body)
      return .stop
    }
  }

  @Test("an answer in gzip is decoded, whether it was asked for or not", arguments: [true, false])
  func decode(asks: Bool) async throws {
    let answer = Array(String(repeating: "{\"a\": 1}", count: 10_000).utf8)
    let seen = Recorder<String>()
    let message = try await send([("accept_gzip", .init(booleanLiteral: asks))], Message(body: .bytes([1]))) {
      message in
      seen.append(message.headers["accept-encoding"] ?? "")
      message.body = .bytes(Gzip.encode(answer))
      message.contentType = "application/json"
      message.headers["content-encoding"] = "gzip"
      return .next
    }
    #expect(seen.all == [asks ? "gzip" : ""])
    #expect(try message.bodyBytes() == answer)
    #expect(message.contentType == "application/json")
    #expect(message.properties["deliver"]?.member("headers")?.member("content-encoding") == nil)
    let streamed = try await send([("stream", true)], Message(body: .bytes([1]))) { message in
      message.body = .bytes(Gzip.encode(answer))
      message.headers["content-encoding"] = "gzip"
      return .next
    }
    guard case .stream = streamed.body else { throw Failure(.internal, "no stream") }
  }

  @Test("an answer that is too large once it is decoded, a bomb, or in another coding is refused")
  func hostileAnswers() async throws {
    let noise = (0..<2_000_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13 & 63) }
    for (coding, body, reason) in [
      (
        "gzip", Gzip.encode(noise),
        "the answer cannot be decoded: the content is larger than 1900000B once it is decoded"
      ),
      (
        "gzip", Gzip.encode([UInt8](repeating: 0, count: 1_900_000)),
        "the answer cannot be decoded: the content grows to more than 200 times its size when it is decoded"
      ),
      ("gzip", [1, 2, 3], "the answer cannot be decoded: the content is not well-formed gzip"),
      ("br", [1, 2, 3], "the answer has a content coding that was not asked for, expected gzip or none"),
    ] {
      let failure = await failed {
        try await send([("max_response", "1900000B")], Message(body: .bytes([1]))) { message in
          message.body = .bytes(body)
          message.headers["content-encoding"] = coding
          return .next
        }
      }
      #expect(failure?.kind == .invalid)
      #expect(failure?.reason == reason)
    }
  }

  // MARK: logins and conditions

  @Test("a key goes into the header or the query that it is for")
  func keys() async throws {
    let seen = Recorder<Message>()
    for (place, key) in [("header", "X-Api-Key"), ("query", "api key")] {
      _ = try await send(
        [("auth", ["api_key": [place: Configuration(stringLiteral: key), "key": "${env:NONE:-k&y}"]])],
        Message(body: .bytes([1]))
      ) { message in
        seen.append(message)
        return .stop
      }
    }
    #expect(seen.all[0].headers["x-api-key"] == "k&y")
    #expect(seen.all[1].properties["request"]?.member("query")?.member("api key")?.string == "k&y")
    #expect(throws: Diagnostics.self) {
      _ = try ComponentLoader([.rest]).make(
        .destination, "rest",
        [
          "url": "http://x", "method": "GET", "follow_redirects": true,
          "auth": ["api_key": ["header": "x-key", "key": "${env:NONE:-k}"]],
        ])
    }
  }

  @Test("304 is an answer, and a condition that does not hold is rejected")
  func conditions() async throws {
    let options: [(String, Configuration)] = [
      ("method", "GET"), ("headers", ["if-none-match": "${ headers.tag }"]),
    ]
    let upstream: @Sendable (inout Message) async throws -> Next = { message in
      message.body = .bytes([65])
      message.headers["etag"] = "\"7\""
      return .next
    }
    let same = try await send(options, Message(headers: ["tag": "\"7\""], body: .bytes([1])), upstream: upstream)
    #expect(same.properties["deliver"]?.member("status")?.int == 304)
    #expect(same.properties["deliver"]?.member("headers")?.member("etag")?.string == "\"7\"")
    if case .empty = same.body {} else { Issue.record("304 has a body") }
    let other = try await send(options, Message(headers: ["tag": "\"8\""], body: .bytes([1])), upstream: upstream)
    #expect(other.properties["deliver"]?.member("status")?.int == 200)
    let failure = await failed {
      try await send(
        [("method", "GET"), ("headers", ["if-match": "\"8\""])], Message(), upstream: upstream)
    }
    #expect(failure?.kind == .rejected)
    #expect(failure?.reason == "upstream answered 412, as the condition of the request does not hold")
  }

  // MARK: forms

  private static let form: Configuration = [
    ["name": "kind", "value": "${ headers.kind }"], ["name": "meta", "value": ["n": 1]],
    ["name": "file", "filename": "${ headers.kind }.pdf"],
    ["name": "raw", "filename": "raw.bin", "value": "${ b'\\x00\\xff' }"],
  ]

  @Test(
    "a form is sent, its parts made of expressions and of the body, and a route reads it", arguments: [false, true])
  func form(streams: Bool) async throws {
    let seen = Recorder<Message>()
    let body: Body =
      if streams {
        .stream(
          BodyStream(length: nil) { [pieces = Recorder<Int>()] in
            pieces.append(1)
            return pieces.all.count < 3 ? [65, 66] : nil
          })
      } else { .bytes(Array("ABAB".utf8)) }
    let message = Message(headers: ["kind": "re\"port", "content-type": "application/pdf"], body: body)
    _ = try await send([("multipart", Self.form)], message) { message in
      let block = try ComponentLoader([.rest]).steps([["parse_multipart": [:]]])
      _ = try await block.run(&message)
      seen.append(message)
      return .stop
    }
    guard case .document(let document) = seen.all[0].body else { throw Failure(.internal, "no document") }
    let fields = document.root.member("fields")
    #expect(fields?.member("kind")?.string == "re\"port")
    #expect(fields?.member("meta")?.string == "{\"n\":1}")
    guard case .list(let files)? = document.root.member("files") else { throw Failure(.internal, "no files") }
    #expect(files.count == 2)
    guard case .bytes(let raw)? = files[1].member("content") else { throw Failure(.internal, "no bytes") }
    #expect(raw == [0, 255])
    #expect(files[1].member("content_type")?.string == "application/octet-stream")
    #expect(files[0].member("filename")?.string == "re\"port.pdf")
    #expect(files[0].member("content_type")?.string == "application/pdf")
    #expect(files[0].member("text")?.string == "ABAB")
  }

  @Test("a form is cut into messages, one a field, also where it streams", arguments: [true, false])
  func splitter(streams: Bool) async throws {
    let form = MultipartForm([
      .init(name: "a", content: .bytes(Array("one".utf8))),
      .init(name: "b", filename: "b.json", contentType: "application/json", content: .bytes(Array("{\"x\":1}".utf8))),
    ])
    guard case .bytes(let bytes) = form.content else { throw Failure(.internal, "no bytes") }
    guard case .splitter(let splitter) = try ComponentLoader([.rest]).make(.splitter, "multipart", ["max_part": "7B"])
    else { throw Failure(.internal, "no splitter") }
    let left = Recorder<Int>()
    let stream = BodyStream {
      left.append(1)
      return left.all.count <= bytes.count ? [bytes[left.all.count - 1]] : nil
    }
    let body: Body = streams ? .stream(stream) : .bytes(bytes)
    var reader = try splitter.parts(of: body, headers: ["content-type": form.contentType], .testing())
    var documents: [any Document] = []
    while let part = try await reader.next() {
      if case .document(let document) = part.content { documents.append(document) }
    }
    #expect(documents.map(\.mediaType) == ["text/plain; charset=utf-8", "application/json"])
    #expect(try documents.map { try $0.serialize() } == [Array("one".utf8), Array("{\"x\":1}".utf8)])
    #expect(documents[1].root.member("filename")?.string == "b.json")
    #expect(documents[1].root.member("size")?.int == 7)
    // Cut off in the middle, or too large.
    var broken = try splitter.parts(
      of: .bytes(bytes.dropLast(4)), headers: ["content-type": form.contentType], .testing())
    await #expect(throws: Failure.self) { while try await broken.next() != nil {} }
  }

  @Test("a form with more parts than allowed is refused")
  func tooManyParts() async throws {
    let form = MultipartForm((0..<5).map { .init(name: "\($0)", content: .bytes([65])) })
    guard case .bytes(let bytes) = form.content else { throw Failure(.internal, "no bytes") }
    let block = try ComponentLoader([.rest]).steps([["parse_multipart": ["max_parts": 4]]])
    let failure = await failed {
      var message = Message(headers: ["content-type": form.contentType], body: .bytes(bytes))
      return try await block.run(&message)
    }
    #expect(failure?.kind == .invalid)
  }

  @Test(
    "forms and proxies that cannot work are refused when the route is loaded",
    arguments: [
      ["url": "http://x", "method": "GET", "multipart": [["name": "a"]]],
      ["url": "http://x", "multipart": [["name": "a"], ["name": "b"]]],
      ["url": "http://x", "multipart": [["name": "a"]], "headers": ["Content-Type": "x/y"]],
      ["url": "http://x", "multipart": [["filename": "a"]]], ["url": "http://x", "proxy": "system"],
      ["url": "http://x", "proxy": ["url": "socks5://x"]], ["url": "http://x", "proxy": ["url": "http://a:b@x"]],
      ["url": "http://x", "proxy": ["url": "http://x", "no_proxy": ["a, b"]]],
    ] as [Configuration])
  func badOptions(options: Configuration) {
    #expect(throws: Diagnostics.self) { _ = try ComponentLoader([.rest]).make(.destination, "rest", options) }
  }
}
