import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

@testable import RESTPlugin

@Suite("rest, conformance")
struct ConformanceTests {
  @Test("as a source") func source() async {
    await Conformance.source("rest", of: .rest) { _ in Requests() }
  }

  @Test("as a source of streams") func streamingSource() async {
    await Conformance.source("rest", of: .rest) { _ in Requests(streams: true) }
  }

  @Test("as a destination", arguments: ["POST", "PUT"]) func destination(method: String) async {
    await Conformance.destination("rest", of: .rest) { try Upstream(method: method) }
  }
}

extension ConformanceTests {
  private static let type = "multipart/form-data; boundary=cut"
  private static let part = "--cut\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--c\r\n"
  private static let file =
    "--cut\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x.txt\"\r\nContent-Type: text/plain\r\n\r\n\r\n\r\n"

  @Test("openapi, as a source") func openAPI() async {
    await Conformance.source("openapi", of: .rest) { _ in DocumentReaders() }
  }

  @Test("multipart, as a splitter") func multipart() async {
    await Conformance.splitter(
      "multipart", of: .rest, samples: [Array((Self.part + Self.file + Self.part + "--cut--\r\n").utf8)],
      repeated: Array((Self.part + Self.file).utf8), footer: Array("--cut--\r\n".utf8), contentType: Self.type)
  }

  @Test("parse_multipart") func parseMultipart() async {
    let form = { @Sendable (count: Int) in
      let parts = String(repeating: Self.part, count: count)
      return Message(
        headers: ["content-type": Self.type], body: .bytes(Array((parts + Self.file + "--cut--\r\n").utf8)))
    }
    await Conformance.transformer(
      "parse_multipart", of: .rest, options: ["max_parts": 10_000], samples: [form(1), form(7)], produces: Self.type,
      growing: { form($0 / Self.part.utf8.count) })
  }
}

/// Clients that ask the source under test for its document.
private final class DocumentReaders: SourcePeer {
  private let port = ReservedPort()
  private let client = HTTPClient(reactors: Context.testing().reactors)

  var options: Configuration { ["listen": "\(port.address)"] }
  var unusableOptions: Configuration? { ["listen": "192.0.2.1:80"] }
  var sendsBodies: Bool { false }

  func send(_ body: [UInt8]) async throws -> SentMessage {
    .answered { [client, port] in
      let response = try await client.send(
        HTTPClientRequest(method: "GET", url: "http://\(port.address)/openapi.json", timeout: .seconds(120)))
      return 200..<300 ~= response.status ? .acknowledged : .refused
    }
  }
}

/// A client of the source under test.
private final class Requests: SourcePeer {
  private let port = ReservedPort()
  private let streams: Bool
  private let client = HTTPClient(reactors: Context.testing().reactors)

  init(streams: Bool = false) { self.streams = streams }

  var options: Configuration {
    [
      "listen": "\(port.address)", "path": "/in", "max_body": streams ? "1GiB" : "2MiB",
      "stream": Configuration(booleanLiteral: streams),
    ]
  }
  var unusableOptions: Configuration? { ["listen": "192.0.2.1:80", "path": "/"] }
  var headers: Headers { ["x-own": "kept", "content-type": "text/plain"] }
  var largestBody: Int? { streams ? nil : 2 << 20 }

  func send(_ body: [UInt8]) async throws -> SentMessage { request(.bytes(body)) }

  func send(streamOf count: Int) async throws -> SentMessage? {
    guard streams else { return nil }
    let left = Countdown(count >> 16)
    let piece = [UInt8](repeating: 0x41, count: 1 << 16)
    return request(.stream(BodyStream { left.next() ? piece : nil }))
  }

  private func request(_ content: HTTPClientRequest.Content) -> SentMessage {
    .answered { [client, port, headers] in
      let response = try await client.send(
        HTTPClientRequest(
          method: "POST", url: "http://\(port.address)/in", headers: headers, content: content, timeout: .seconds(120)))
      return 200..<300 ~= response.status ? .acknowledged : .refused
    }
  }
}

/// A server that the destination under test sends to.
private final class Upstream: DestinationPeer {
  private let server: UpstreamServer
  private let method: String

  init(method: String) throws {
    self.method = method
    server = try UpstreamServer()
  }

  var options: Configuration {
    ["url": "http://\(server.address)/in", "method": Configuration(stringLiteral: method), "timeout": "2s"]
  }
  var echoes: Bool { true }
  var timesOut: Bool { true }

  func arrivals() async throws -> [Arrival] { server.arrivals.all }

  func become(_ state: PeerState) async throws -> Bool {
    try server.become(state)
    return true
  }
}
