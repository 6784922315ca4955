import Foundation
import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Testing

/// The server beside h11 (github.com/python-hyper/h11), a strict parser of another family: no request that h11 refuses
/// is accepted, and what both accept is the same request.
///
/// There is one exception, which is a bound of h11: it ends the connection after a request of HTTP/1.0 that asks to keep
/// it, and so looks at nothing that follows. Else where h11 is stricter than RFC 9112 asks for, as with an empty line before a request, so are
/// we. The other way round there are many, which is meant: h11 takes folded lines, bare LF, agreeing lengths.
@Suite(.timeLimit(.minutes(5))) struct H11Tests {
  struct Case: Decodable, Sendable {
    struct Request: Decodable, Equatable, Sendable {
      var method: String
      var target: String
      /// In hexadecimal digits.
      var body: String
    }

    var changes: [String]
    var bytes: Data
    var requests: [Request]
    var refusal: String
    /// Whether it closes the connection after the requests.
    var closes: Bool
  }

  private static let python = PythonPackages(["h11==0.16.0"]).interpreter

  /// A server that answers every request with what it took it for.
  private static func server() throws -> TestServer {
    try TestServer([
      HTTPEndpoint(method: nil, path: try PathPattern("/{rest...}")) { request in
        var body: [UInt8] = []
        if case .bytes(let bytes) = request.body { body = bytes }
        let hex = body.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        return HTTPResponse(status: 200, body: .bytes(Array("\(request.method) \(request.target) \(hex)".utf8)))
      }
    ])
  }

  @Test(
    "no generated request that h11 refuses is accepted, and what both accept is the same",
    .enabled("skipped: h11 cannot be had from PyPI") { python != nil }, arguments: 1...8)
  func differential(_ seed: Int) async throws {
    let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Fixtures/HTTP/h11_verdicts.py").path
    let lines = try PythonPackages.output(try #require(Self.python), [script, "\(seed)", "1000"]).split(separator: "\n")
    let cases = try lines.map { try JSONDecoder().decode(Case.self, from: Data($0.utf8)) }
    #expect(cases.count == 1000)
    let server = try Self.server()
    var (bothAccept, bothRefuse, onlyWeRefuse) = (0, 0, 0)
    for item in cases {
      let taken = try await Self.taken([UInt8](item.bytes), by: server)
      let context = "\(item.changes) \(String(decoding: item.bytes, as: UTF8.self).debugDescription): \(item.refusal)"
      #expect(item.closes || taken.requests.count <= item.requests.count, "accepted what h11 refuses: \(context)")
      for (ours, theirs) in zip(taken.requests, item.requests) {
        // The answer to OPTIONS * is the server's own, and says nothing of the request.
        #expect(ours == nil || ours == theirs, "read differently: \(context)")
      }
      if taken.requests.count == item.requests.count {
        if item.refusal.isEmpty { bothAccept += 1 } else { bothRefuse += 1 }
        #expect(item.refusal.isEmpty || taken.isRefused || taken.isEnded, "went on: \(context)")
      } else {
        onlyWeRefuse += 1
      }
    }
    // Were nearly all refused, or none, this would show nothing.
    #expect(bothAccept > 250 && bothRefuse > 250, "\(bothAccept) accepted, \(bothRefuse) refused by both")
    #expect(onlyWeRefuse < 400)
  }

  /// The requests that the server takes of `bytes`, nil for those that it answers on its own, and whether it refuses
  /// what follows, or just closes the connection.
  private static func taken(
    _ bytes: [UInt8], by server: TestServer
  ) async throws -> (requests: [Case.Request?], isRefused: Bool, isEnded: Bool) {
    try await server.talk { client in
      try? client.send(bytes)
      client.shutdownSending()
      var requests: [Case.Request?] = []
      while let response = try client.response() {
        switch response.status {
        case 100: continue
        case 200:
          let parts = response.body.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
          requests.append(Case.Request(method: parts[0], target: parts[1], body: parts[2]))
        case 204, 404, 405: requests.append(nil)
        default: return (requests, true, true)
        }
      }
      return (requests, false, true)
    }
  }
}
