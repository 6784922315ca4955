import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import RESTPlugin

/// A `rest` source on a port of its own whose route is a closure, with a client to ask it.
struct ServedRoute {
  let source: RESTSource
  let stop = StopSignal()
  private let running: Task<Void, any Error>
  private let client: HTTPClient

  init(
    _ options: Configuration, context: Context = .testing(),
    route: @escaping @Sendable (inout Message) async throws -> Next
  ) async throws {
    guard
      case .source(let source as RESTSource) = try ComponentLoader([.rest], context: context).make(
        .source, "rest", options)
    else {
      throw Failure(.internal, "rest is no source")
    }
    self.source = source
    client = HTTPClient(reactors: context.reactors)
    try await source.prepare()
    let ready = StopSignal()
    let deliver = Deliver.testing(context: context, stop: stop, ready: { ready.signal() }, route: route)
    // Before `run`, which takes the listener.
    port = source.port ?? 0
    running = Task { [source] in try await source.run(deliver) }
    await ready.wait()
  }

  let port: UInt16

  func send(
    _ method: String, _ path: String, headers: Headers = Headers(), body: [UInt8]? = nil
  ) async throws -> HTTPClientResponse {
    let content = body.map(HTTPClientRequest.Content.bytes) ?? .empty
    return try await client.send(
      HTTPClientRequest(method: method, url: "http://127.0.0.1:\(port)\(path)", headers: headers, content: content))
  }

  /// Stops the source, and waits until it has ended.
  func end() async throws {
    stop.signal()
    try await running.value
  }

  /// Cancels the source, as an engine does whose patience has ended.
  func cancel() { running.cancel() }
}

/// The text of a body that is held.
func text(_ body: Body) -> String? {
  switch body {
  case .empty: ""
  case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
  default: nil
  }
}

/// The failure that `body` ends in.
func failed(_ body: () async throws -> some Any) async -> Failure? {
  do {
    _ = try await body()
    return nil
  } catch {
    return Failure(error)
  }
}
