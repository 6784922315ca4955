internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Asks a running engine.
struct AdminClient: Sendable {
  /// The largest answer, in bytes: the body of a dead letter may be one.
  private static let maxAnswer = 1 << 30

  /// What a command ends with that the engine refused.
  static let refused = ExitCode(1)
  /// What a command ends with that got no answer.
  static let unreachable = ExitCode(2)

  private let url: String
  private let token: String?
  private let tls: TLSClientConfiguration
  private let client: HTTPClient

  /// A client of the engine that `arguments` name.
  init(_ arguments: AdminArguments) throws {
    url = arguments.url
    token = try arguments.token()
    guard token == nil || arguments.isPrivate else {
      throw ValidationError("the token would be sent over \(url) in the clear: write https://")
    }
    tls = TLSClientConfiguration(authorities: arguments.caFile)
    client = HTTPClient(reactors: try ReactorGroup(count: 1))
  }

  /// Gets a JSON document. `query` has names and values as they are meant.
  func get(_ path: String, _ query: [(String, String?)] = []) async throws -> Value {
    try document(try await send("GET", path + Self.text(query)))
  }

  /// Gets bytes.
  func bytes(_ path: String) async throws -> [UInt8] {
    if case .bytes(let bytes) = try await send("GET", path).body { bytes } else { [] }
  }

  /// Posts members, those that are nil left out, and waits for the answer as long as `timeout` says.
  func post(_ path: String, _ members: [(String, Value?)] = [], timeout: Duration = .seconds(120)) async throws -> Value
  {
    let body = Value.map(ValueMap(members.compactMap { name, value in value.map { (name, $0) } }))
    return try document(try await send("POST", path, body: try body.jsonBytes(), timeout: timeout))
  }

  /// A name as one part of a path.
  static func part(_ name: String) -> String { PercentEncoding.encode(name) }

  private func send(
    _ method: String, _ path: String, body: [UInt8]? = nil, timeout: Duration = .seconds(60)
  ) async throws -> HTTPClientResponse {
    var headers: Headers = ["accept": "application/json"]
    if let token { headers.append("authorization", "Bearer \(token)") }
    if body != nil { headers.append("content-type", "application/json") }
    let response: HTTPClientResponse
    do throws(Failure) {
      response = try await client.send(
        HTTPClientRequest(
          method: method, url: "\(url)/admin/v1\(path)", headers: headers,
          content: body.map(HTTPClientRequest.Content.bytes) ?? .empty, timeout: timeout, maxResponse: Self.maxAnswer,
          tls: tls))
    } catch {
      let what = Self.isConnectionMissing(error) ? "no engine answers at \(url)" : "no answer from \(url)"
      Terminal.write("omnibus: \(what): \(error.reason)\n", to: STDERR_FILENO)
      throw Self.unreachable
    }
    guard (200...299).contains(response.status) else {
      Terminal.write(Self.text(ofProblem: response), to: STDERR_FILENO)
      throw Self.refused
    }
    return response
  }

  /// Whether nobody was there to talk to; the kind of a failure says only whether to try again.
  private static func isConnectionMissing(_ failure: Failure) -> Bool {
    ["could not connect", "the host's name could not be resolved", "no connection within"].contains {
      failure.reason.hasPrefix($0)
    }
  }

  private func document(_ response: HTTPClientResponse) throws -> Value {
    guard case .bytes(let bytes) = response.body, let document = try? JSONDocument(parsing: bytes) else {
      Terminal.write("omnibus: what answers at \(url) is not the admin API of an engine\n", to: STDERR_FILENO)
      throw Self.unreachable
    }
    return document.root
  }

  private static func text(_ query: [(String, String?)]) -> String {
    let pairs = query.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
    return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
  }

  /// What the engine says of why it refused, a line a problem.
  private static func text(ofProblem response: HTTPClientResponse) -> String {
    var root = Value.null
    if case .bytes(let bytes) = response.body, let document = try? JSONDocument(parsing: bytes) { root = document.root }
    let title = root.member("title")?.string ?? "the engine answered with \(response.status)"
    let detail = root.member("detail")?.string.map { ": \($0)" } ?? ""
    let errors = (root.member("errors")?.items ?? []).map { error in
      let place = error.member("place")?.string.map { "\($0): " } ?? ""
      let code = error.member("code")?.string.map { "error[\($0)]: " } ?? ""
      return "\(place)\(code)\(error.member("detail")?.string ?? "")\n"
    }
    return errors.map { LogText.line($0.dropLast().description) + "\n" }.joined()
      + "omnibus: \(LogText.line(title + detail))\n"
  }
}

extension Value {
  /// The elements of a list of JSON.
  var items: [Value] {
    guard case .json(let node) = self, node.kind == .array else { return [] }
    return JSONElements(of: node).map(Value.json)
  }

  /// A scalar of JSON as people read it; empty where it is absent.
  var shown: String {
    switch resolved {
    case .string(let text): LogText.line(text)
    case .int(let number): "\(number)"
    case .bool(let flag): flag ? "yes" : "no"
    case .json(let node) where node.kind == .array: items.map(\.shown).joined(separator: ", ")
    default: ""
    }
  }
}
