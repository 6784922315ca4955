import Foundation
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import OmnibusHTTP

@Suite("HTTP client, HTTP/2", .enabled(if: NginxPeer.isInstalled))
struct HTTP2Tests {
  @Test("HTTP/2 is spoken where the server offers it, and HTTP/1.1 where it does not", arguments: [true, false])
  func negotiation(offers: Bool) async throws {
    let peer = try await NginxPeer(http2: offers)
    let client = HTTPClient(reactors: try ReactorGroup(count: 1))
    let response = try await client.send(peer.request())
    #expect(response.status == 200)
    #expect(response.headers["x-protocol"] == (offers ? "HTTP/2.0" : "HTTP/1.1"))
    peer.stop()
  }

  @Test("requests at the same time share a connection, and each gets its own answer")
  func multiplexing() async throws {
    let peer = try await NginxPeer(http2: true)
    let client = HTTPClient(reactors: try ReactorGroup(count: 1))
    let first = try await client.send(peer.request())
    try await withThrowingTaskGroup(of: (Int, HTTPClientResponse).self) { group in
      for number in 0..<50 {
        group.addTask { (number, try await client.send(peer.request("/echo?\(number)"))) }
      }
      for try await (number, response) in group {
        #expect(response.headers["x-query"] == "\(number)")
        #expect(response.headers["x-connection"] == first.headers["x-connection"])
      }
    }
    peer.stop()
  }

  @Test("bodies of known and unknown length go out, and answers stream back")
  func bodies() async throws {
    let peer = try await NginxPeer(http2: true)
    let client = HTTPClient(reactors: try ReactorGroup(count: 1))
    let content = [UInt8](repeating: 65, count: 300_000)
    for length in [content.count, nil] {
      let left = Pieces(Array(repeating: Array(content[..<100_000]), count: 3))
      var request = peer.request("/upload")
      request.method = "POST"
      request.content = .stream(BodyStream(length: length) { left.next() })
      let response = try await client.send(request)
      #expect(response.status == 200)
      #expect(response.headers["x-received"] == "300000")
    }
    var request = peer.request("/large")
    request.wantsStream = true
    let response = try await client.send(request)
    guard case .stream(let stream) = response.body else { throw Failure(.internal, "no stream") }
    #expect(try await stream.collect(limit: 10 << 20).count == 5 << 20)
    peer.stop()
  }

  @Test("a server that is gone in the middle of an answer breaks it off")
  func brokenOff() async throws {
    let peer = try await NginxPeer(http2: true)
    let client = HTTPClient(reactors: try ReactorGroup(count: 1))
    var request = peer.request("/slow")
    request.wantsStream = true
    let response = try await client.send(request)
    guard case .stream(let stream) = response.body else { throw Failure(.internal, "no stream") }
    try stream.claim()
    _ = try await stream.next()
    peer.stop()
    let failure = await failed { while try await stream.next() != nil {} }
    #expect(failure?.kind == .unavailable)
  }
}
