internal import Logging
internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Takes requests to a path. The answer waits for the route: what it ends with is the reply.
struct RESTSource: Source {
  private let options: RESTSourceOptions
  private let context: Context
  private let listener = PreparedListener()
  private let reply: Reply

  init(_ options: RESTSourceOptions, _ context: Context) throws {
    self.options = options
    self.context = context
    let type = options.produces.count == 1 && options.produces[0].isExact ? options.produces[0].text : nil
    reply = Reply(defaultType: type)
  }

  var summary: String { "\(options.method) \(options.listen)\(options.path.pattern)" }

  /// Each method with the path, whose captures may be called anything.
  var claims: [String] {
    let path = options.path.pattern.description.replacing(#/\{[A-Za-z0-9_]*/#, with: "{")
    return (options.method.names ?? ["any method"]).map { "\($0) \(options.listen)\(path)" }
  }

  var mayOverlap: Bool { true }

  /// The port that is listened on, once `prepare` was called.
  var port: UInt16? { listener.port }

  func prepare() async throws { try await listener.open(options.listen, context) }

  func run(_ deliver: Deliver) async throws {
    // After a failure `run` is called again, and `prepare` is not.
    try await listener.open(options.listen, context)
    guard let listener = listener.take() else { throw Failure(.internal, "the listener is gone") }
    let methods: [String?] = options.method.names ?? [nil]
    let registrations = methods.map { method in
      listener.add(
        HTTPEndpoint(
          method: method, path: options.path.pattern, maxBody: options.maxBody.bytes, streamsBody: readsLate
        ) { request in await respond(to: request, deliver) })
    }
    deliver.ready()
    await deliver.stop.wait()
    await withDiscardingTaskGroup { group in
      for registration in registrations { group.addTask { await listener.remove(registration) } }
    }
    await listener.close()
  }

  /// Whether there is something to check before the body is read, or nobody wants all of it.
  private var readsLate: Bool {
    if case .required = options.auth { return true }
    return options.stream || !options.consumes.isEmpty
  }

  private func respond(to request: HTTPRequest, _ deliver: Deliver) async -> HTTPResponse {
    if let refusal = refusal(request) { return refusal.response }
    guard let parameters = QueryParameters.parse(request.query) else {
      return ProblemDocument(400, "invalid", "The query is not well-formed").response
    }
    var message = Message()
    do {
      message.body = try await body(of: request)
      message.headers = request.headers
      message.headers.markInbound()
      // Who was checked here needs not be known to the route, and the secret is in nobody's way.
      if case .required = options.auth { message.headers.remove("authorization") }
      message.properties["request"] = properties(request, parameters)
      let next = try await deliver(&message)
      return try reply.response(message, next)
    } catch let tooLarge as BodyTooLarge {
      return tooLarge.problem.response
    } catch {
      let failure = Failure(error)
      log(failure, message.id, deliver.context.logger)
      return ProblemDocument(failure, message.id).response
    }
  }

  /// What the sender did wrong is the sender's to know; the rest is for who runs the engine.
  private func log(_ failure: Failure, _ message: MessageID, _ logger: Logger) {
    let level: Logger.Level =
      switch failure.kind {
      case .invalid, .rejected: .info
      case .internal: .error
      default: .warning
      }
    logger.log(
      level: level, "a request failed",
      metadata: [
        "message": "\(message)", "kind": "\(failure.kind.rawValue)", "reason": "\(failure.reason)",
        "failed_step": "\(failure.step ?? "")",
      ])
  }

  /// Why the request is not taken, as its head tells.
  private func refusal(_ request: HTTPRequest) -> ProblemDocument? {
    if case .required(let gate) = options.auth, !gate.admits(request.headers) {
      return ProblemDocument(
        401, "unauthorized", "Credentials are needed", headers: ["www-authenticate": gate.challenge])
    }
    if !options.consumes.isEmpty, hasBody(request), !consumes(request.headers["content-type"]) {
      let types = options.consumes.map(\.text).joined(separator: ", ")
      return ProblemDocument(
        415, "unsupported_media_type", "The content type is not taken", detail: "expected \(types)",
        headers: ["accept": types])
    }
    let accept = request.headers.values("accept").joined(separator: ",")
    if !options.produces.isEmpty, !accept.isEmpty, !options.produces.contains(where: { $0.isAccepted(by: accept) }) {
      let types = options.produces.map(\.text).joined(separator: ", ")
      return ProblemDocument(406, "not_acceptable", "No content type is acceptable", detail: "there is \(types)")
    }
    return nil
  }

  private func hasBody(_ request: HTTPRequest) -> Bool { if case .empty = request.body { false } else { true } }

  private func consumes(_ contentType: String?) -> Bool {
    guard let type = contentType.map(MediaType.ofField) else { return false }
    return options.consumes.contains { $0.includes(type) }
  }

  private func body(of request: HTTPRequest) async throws -> Body {
    guard case .stream(let stream) = request.body, !options.stream else { return request.body }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(stream.length ?? 0, options.maxBody.bytes))
    while let piece = try await stream.next() {
      guard bytes.count + piece.count <= options.maxBody.bytes else { throw BodyTooLarge(limit: options.maxBody) }
      bytes.append(contentsOf: piece)
    }
    return .bytes(bytes)
  }

  private func properties(_ request: HTTPRequest, _ parameters: ValueMap) -> Value {
    .map(
      ValueMap([
        ("method", .string(request.method)), ("path", .string(request.path)),
        ("parameters", .map(ValueMap(request.captures.map { ($0.name, .string($0.value)) }))),
        ("query", .map(parameters)), ("remote", .string(request.remote.description)),
      ]))
  }
}

/// A body turned out to be larger than a source takes.
struct BodyTooLarge: Error {
  let limit: ByteSize

  var problem: ProblemDocument {
    ProblemDocument(413, "too_large", "The body is too large", detail: "expected at most \(limit)")
  }
}
