import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Synchronization

@testable import RESTPlugin

/// An authorization server and a system behind it: gives tokens `token-1`, `token-2` …, and takes those that it was told
/// to.
final class TokenServer: Sendable {
  struct State {
    var requests: [Message] = []
    var answers: [@Sendable (inout Message) throws -> Void] = []
    var taken: Set<String> = []
    var calls: [String] = []
    var held: [UnsafeContinuation<Void, Never>] = []
    var holds = false
  }

  let state = Mutex(State())
  private let tokens: Mutex<ServedRoute?> = Mutex(nil)
  private let system: Mutex<ServedRoute?> = Mutex(nil)

  /// The requests for a token.
  var requests: [Message] { state.withLock { $0.requests } }
  /// The `authorization` fields that came to the system.
  var calls: [String] { state.withLock { $0.calls } }
  var tokenURL: String { "http://127.0.0.1:\(tokens.withLock { $0?.port ?? 0 })/token" }
  var systemURL: String { "http://127.0.0.1:\(system.withLock { $0?.port ?? 0 })" }

  /// A server whose answers for tokens are `answers`, and afterwards ones that are good for an hour.
  init(_ answers: [@Sendable (inout Message) throws -> Void] = []) async throws {
    state.withLock { $0.answers = answers.reversed() }
    let tokens = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/token"]) { [state = Unowned(self)] message in
      try await state.server.give(&message)
      return .next
    }
    self.tokens.withLock { $0 = tokens }
    let system = try await ServedRoute(["listen": "127.0.0.1:0", "path": "/{rest...}", "method": "any"]) {
      [state = Unowned(self)] message in
      state.server.take(&message)
      return .next
    }
    self.system.withLock { $0 = system }
  }

  /// Lets requests for tokens wait, or go on.
  func hold(_ holds: Bool) {
    let held = state.withLock { state in
      state.holds = holds
      defer { state.held = [] }
      return state.held
    }
    for one in held { one.resume() }
  }

  func refuse(_ token: String) { state.withLock { _ = $0.taken.remove(token) } }

  func end() async throws {
    try await tokens.withLock { $0 }?.end()
    try await system.withLock { $0 }?.end()
  }

  private func give(_ message: inout Message) async throws {
    let (answer, number, holds) = state.withLock { state in
      state.requests.append(message)
      return (state.answers.popLast(), state.requests.count, state.holds)
    }
    if holds {
      await withUnsafeContinuation { continuation in
        let isOver = state.withLock { state in
          if state.holds { state.held.append(continuation) }
          return !state.holds
        }
        if isOver { continuation.resume() }
      }
    }
    if let answer { return try answer(&message) }
    Self.token("token-\(number)", expiresIn: "3600")(&message)
    state.withLock { _ = $0.taken.insert("Bearer token-\(number)") }
  }

  private func take(_ message: inout Message) {
    let authorization = message.headers["authorization"] ?? ""
    let isTaken = state.withLock { state in
      state.calls.append(authorization)
      return state.taken.contains(authorization)
    }
    message.body = .bytes(Array("done".utf8))
    if !isTaken { message.properties["status"] = .int(401) }
  }

  /// An answer that holds a token.
  static func token(_ token: String, expiresIn: String?) -> @Sendable (inout Message) -> Void {
    { message in
      let life = expiresIn.map { ", \"expires_in\": \($0)" } ?? ""
      message.body = .bytes(Array("{\"access_token\": \"\(token)\", \"token_type\": \"Bearer\"\(life)}".utf8))
      message.contentType = "application/json"
    }
  }

  /// An answer with a status and a text.
  static func answer(_ status: Int, _ text: String, headers: Headers = Headers()) -> @Sendable (inout Message) -> Void {
    { message in
      message.properties["status"] = .int(Int64(status))
      message.body = .bytes(Array(text.utf8))
      message.contentType = "application/json"
      for (name, value) in headers { message.headers[name] = value }
    }
  }

  /// The server lives as long as its routes do.
  private struct Unowned: Sendable {
    unowned let server: TokenServer
    init(_ server: TokenServer) { self.server = server }
  }
}
