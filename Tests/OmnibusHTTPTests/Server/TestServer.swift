import Dispatch
import Omnibus
import OmnibusReactor
import Synchronization
import Testing

@testable import OmnibusHTTP

/// A server on a free port, and clients on threads of their own.
final class TestServer: Sendable {
  static let clients = BlockingExecutor(name: "clients", threads: 64)

  let reactors: ReactorGroup
  let listener: HTTPListener

  /// A server with `/echo`, which answers the body, `/stream`, which does so piece by piece, and `endpoints`.
  init(
    _ endpoints: [HTTPEndpoint] = [], limits: HTTPLimits = HTTPLimits(), reactors count: Int = 2, tls: TLSServer? = nil
  ) throws {
    reactors = try ReactorGroup(count: count)
    listener = try HTTPListener.open(
      try #require(SocketAddress("127.0.0.1:0")), reactors: reactors, limits: limits)
    _ = listener.secure(tls)
    _ = listener.add(
      HTTPEndpoint(method: nil, path: try PathPattern("/echo"), maxBody: 1 << 20) { request in
        HTTPResponse(status: 200, headers: ["X-Method": request.method], body: request.body)
      })
    _ = listener.add(
      HTTPEndpoint(method: "GET", path: try PathPattern("/tls")) { request in
        HTTPResponse(status: 200, body: .bytes((try? request.tls?.jsonBytes()) ?? []))
      })
    _ = listener.add(
      HTTPEndpoint(method: "POST", path: try PathPattern("/stream"), maxBody: 1 << 30, streamsBody: true) { request in
        HTTPResponse(status: 200, body: request.body)
      })
    _ = listener.add(
      HTTPEndpoint(method: "GET", path: try PathPattern("/hello")) { _ in
        HTTPResponse(status: 200, body: .bytes(Array("hello".utf8)))
      })
    for endpoint in endpoints { _ = listener.add(endpoint) }
  }

  /// What the listener holds of bodies and of answers, for each of its reactors.
  func heldBytes() -> [Int] {
    listener.shards.flatMap { shard in
      let held = Held()
      shard.reactor.execute {
        held.bytes.withLock { $0 = [shard.bodies.bytes, shard.heldAnswers] }
        held.isKnown.signal()
      }
      held.isKnown.wait()
      return held.bytes.withLock { $0 }
    }
  }

  private final class Held: Sendable {
    let bytes = Mutex<[Int]>([])
    let isKnown = DispatchSemaphore(value: 0)
  }

  /// Runs `body` with a client, on a thread that it may block.
  func talk<Result: Sendable>(
    receiveBuffer: Int32? = nil, _ body: @escaping @Sendable (RawClient) throws -> Result
  ) async throws -> Result {
    let port = listener.port
    return try await Self.clients.run { try body(try RawClient(port: port, receiveBuffer: receiveBuffer)) }
  }

  /// Sends `text` and answers the status of each answer until the connection is closed.
  func statuses(_ text: String) async throws -> [Int] {
    try await talk { client in
      try client.send(text)
      client.shutdownSending()
      var statuses: [Int] = []
      while let response = try client.response() { statuses.append(response.status) }
      return statuses
    }
  }
}

/// What tests wait on: opened once.
final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [UnsafeContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [] }
      return state.waiting
    }
    for continuation in waiting { continuation.resume() }
  }

  func wait() async {
    await withUnsafeContinuation { continuation in
      let isOpen = state.withLock { state in
        if !state.isOpen { state.waiting.append(continuation) }
        return state.isOpen
      }
      if isOpen { continuation.resume() }
    }
  }
}
