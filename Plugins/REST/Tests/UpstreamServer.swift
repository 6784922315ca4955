import Omnibus
import OmnibusTesting
import Synchronization

/// A server that answers well or as badly as it is told to.
final class UpstreamServer: Sendable {
  let arrivals = Recorder<Arrival>()
  private let server = TestHTTPServer()
  private let peer = Mutex(PeerState.well)

  init() throws { try become(.well) }

  var address: String { server.address }

  /// Behaves so for the requests to come.
  func become(_ peer: PeerState) throws {
    self.peer.withLock { $0 = peer }
    if peer == .away { return server.stop() }
    try server.start { [weak self] connection in
      while let request = connection.request(), let self, self.serve(request, connection) {}
    }
  }

  /// Answers a request. Whether the connection goes on.
  private func serve(_ request: TestHTTPConnection.Request, _ connection: TestHTTPConnection) -> Bool {
    let peer = peer.withLock { $0 }
    guard peer != .breaking, let body = connection.content(of: request) else { return false }
    switch peer {
    case .well:
      let key = request.headers["idempotency-key"]
      arrivals.append(body.isWhole ? Arrival(body.bytes, key: key) : Arrival(size: body.size, key: key))
      connection.answer(200, Headers(), body.bytes)
    case .refusing: connection.answer(422, Headers(), body.bytes)
    case .overloaded: connection.answer(503, ["retry-after": "1"])
    case .nonsense: connection.write("220 mail.example ESMTP \(body.bytes.count)\r\n", body.bytes)
    case .hanging: connection.drain()
    case .away, .breaking: return false
    }
    return peer != .nonsense && peer != .hanging
  }
}
