internal import Logging
internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Takes requests to a path. The answer waits for the route: what it ends with is the reply.
struct RESTSource: Source {
  /// Makes the body that the route begins with, where that is not the request's, from what is served on the listener.
  typealias Content = @Sendable (HTTPListener) -> Body

  private let options: RESTSourceOptions
  private let context: Context
  private let maxBody: Int
  private let listener = PreparedListener()
  private let admission: RequestAdmission
  private let finish: AnswerFinish
  private let cors: CORSPolicy?
  private let content: Content?

  init(_ options: RESTSourceOptions, _ context: Context, content: Content? = nil) throws {
    self.options = options
    self.context = context
    maxBody = try options.largestBody(within: context.limits.http)
    self.content = content
    admission = RequestAdmission(auth: options.auth, consumes: options.consumes, produces: options.produces)
    cors = options.cors?.policy(methods: options.method.names)
    finish = AnswerFinish(options, cors, context)
  }

  var summary: String { "\(options.method) \(options.listen)\(options.path.pattern)" }
  var spanKind: Span.Origin.Kind { .server }

  /// Each method with the path, whose captures may be called anything.
  var claims: [SourceClaim] {
    let path = options.path.pattern.shape
    return (options.method.names ?? ["any method"]).map { SourceClaim("\($0) \(options.listen)\(path)") }
  }

  /// That all routes on the address are secure in the same way.
  var sharedTerms: [(place: String, terms: String)] {
    [(options.listen, tls.map { "tls \($0)" } ?? "http in the clear")]
  }

  var mayOverlap: Bool { true }

  /// The port that is listened on, once `prepare` was called.
  var port: UInt16? { listener.port }

  private var tls: TLSServerConfiguration? {
    options.tls?.configuration(in: context.directory, protocols: ["http/1.1"])
  }

  func prepare() async throws { try await listener.open(options.listen, tls, context) }

  func run(_ deliver: Deliver) async throws {
    // After a failure `run` is called again, and `prepare` is not.
    try await listener.open(options.listen, tls, context)
    guard let opened = listener.take() else { throw Failure(.internal, "the listener is gone") }
    let listener = opened.listener
    let tls = listener.secure(opened.tls)
    async let freshness: Void? = tls?.keepFresh(deliver.context, until: deliver.stop)
    let methods: [String?] = options.method.names ?? [nil]
    let registrations = methods.map { listener.add(endpoint($0, listener, deliver)) }
    deliver.ready()
    await deliver.stop.wait()
    // The last source on the listener closes it first, so that the answers to requests under way end their connections;
    // for any other source `close` does nothing, and its own requests are waited for.
    await listener.close()
    for registration in registrations { await listener.remove(registration) }
    await freshness
  }

  private func endpoint(_ method: String?, _ listener: HTTPListener, _ deliver: Deliver) -> HTTPEndpoint {
    let content = content.map { content -> @Sendable () -> Body in
      { [weak listener] in listener.map(content) ?? .empty }
    }
    return HTTPEndpoint(
      method: method, path: options.path.pattern, maxBody: maxBody, streamsBody: options.stream,
      admit: { headers, query, hasBody, _ in
        guard let refusal = admission.refusal(headers, query: query, hasBody: hasBody) else { return nil }
        var response = refusal.response
        finish.addFields(headers, &response)
        return response
      }, cors: cors, operation: content == nil ? description(deliver) : nil
    ) { request in
      var answer = await respond(to: request, content, deliver)
      finish.finish(&answer, request)
      if finish.mustCompress(answer, request) { await finish.compress(&answer) }
      return answer
    }
  }

  private func description(_ deliver: Deliver) -> OperationDescription {
    let security =
      if case .required(let gate) = options.auth { gate.security } else { [OperationDescription.Security]() }
    return OperationDescription(
      id: context.route, description: { deliver.description }, consumes: options.consumes.map(\.text),
      produces: options.produces.map(\.text), security: security)
  }

  private func respond(
    to request: HTTPRequest, _ content: (@Sendable () -> Body)?, _ deliver: Deliver
  ) async -> HTTPResponse {
    guard var parameters = QueryParameters.parse(request.query) else {
      return ProblemDocument(400, "invalid", "The query is not well-formed").response
    }
    var message = Message(headers: request.headers, body: request.body)
    var hold: ContentHold?
    defer { withExtendedLifetime(hold) {} }
    if message.headers.contains("content-encoding") {
      let decoded = request.hold()
      hold = decoded
      do throws(GzipProblem) {
        try await message.decodeContent(limit: maxBody, hold: decoded, on: context.blocking)
      } catch {
        return ProblemDocument(error).response
      }
    }
    message.headers.markInbound()
    if case .required(let gate) = options.auth { gate.removeSecrets(&message.headers, &parameters) }
    let type = options.produces.isEmpty ? nil : options.produces.preferred(by: request.headers)
    message.properties["request"] = properties(request, parameters, produces: type)
    if let tls = request.tls { message.properties["tls"] = tls }
    if let content {
      message.body = content()
      if case .document(let document) = message.body { message.contentType = document.mediaType }
    }
    let next: Next
    do {
      next = try await deliver(&message)
    } catch {
      return ProblemDocument(Failure(error), message.id).response
    }
    do throws(Failure) {
      return try Reply(defaultType: type.flatMap { $0.isExact ? $0.text : nil }).response(message, next)
    } catch {
      // For the engine the message succeeded.
      deliver.context.logger.error(
        "the reply cannot be sent",
        metadata: message.logMetadata.merging(
          ["failure": "\(error.kind.rawValue)", "reason": "\(error.reason)"]) { first, _ in first })
      return ProblemDocument(error, message.id).response
    }
  }

  private func properties(_ request: HTTPRequest, _ parameters: ValueMap, produces type: MediaType?) -> Value {
    var properties = ValueMap([
      ("method", .string(request.method)), ("path", .string(request.path)),
      ("parameters", .map(ValueMap(request.captures.map { ($0.name, .string($0.value)) }))),
      ("query", .map(parameters)), ("remote", .string(request.remote.description)),
    ])
    if let type { properties["produces"] = .string(type.text) }
    return .map(properties)
  }
}
