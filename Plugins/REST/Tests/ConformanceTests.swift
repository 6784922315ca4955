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
