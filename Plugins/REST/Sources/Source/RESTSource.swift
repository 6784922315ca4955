internal import Logging
internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Takes requests to a path. The answer waits for the route: what it ends with is the reply.
struct RESTSource: Source {
  private let options: RESTSourceOptions
  private let context: Context
  private let maxBody: Int
  private let listener = PreparedListener()
  private let reply: Reply

  init(_ options: RESTSourceOptions, _ context: Context) throws {
    self.options = options
    self.context = context
    maxBody = try options.largestBody(within: context.limits.http)
    let type = options.produces.count == 1 && options.produces[0].isExact ? options.produces[0].text : nil
    reply = Reply(defaultType: type)
  }

  var summary: String { "\(options.method) \(options.listen)\(options.path.pattern)" }

  /// Each method with the path, whose captures may be called anything.
  var claims: [String] {
    let path = options.path.pattern.description.replacing(#/\{[A-Za-z0-9_]*/#, with: "{")
    return (options.method.names ?? ["any method"]).map { "\($0) \(options.listen)\(path)" }
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
    let registrations = methods.map { method in
      listener.add(
        HTTPEndpoint(
          method: method, path: options.path.pattern, maxBody: maxBody, streamsBody: options.stream,
          admit: { headers, hasBody in refusal(headers, hasBody: hasBody)?.response }
        ) { request in await respond(to: request, deliver) })
    }
    deliver.ready()
    await deliver.stop.wait()
    // The last source on the listener closes it first, so that the answers to requests under way end their connections;
    // for any other source `close` does nothing, and its own requests are waited for.
    await listener.close()
    for registration in registrations { await listener.remove(registration) }
    await freshness
  }

  private func respond(to request: HTTPRequest, _ deliver: Deliver) async -> HTTPResponse {
    guard let parameters = QueryParameters.parse(request.query) else {
      return ProblemDocument(400, "invalid", "The query is not well-formed").response
    }
    var message = Message(headers: request.headers, body: request.body)
    message.headers.markInbound()
    // Who was checked here needs not be known to the route, and the secret is in nobody's way.
    if case .required = options.auth { message.headers.remove("authorization") }
    message.properties["request"] = properties(request, parameters)
    if let tls = request.tls { message.properties["tls"] = tls }
    let next: Next
    do {
      next = try await deliver(&message)
    } catch {
      return ProblemDocument(Failure(error), message.id).response
    }
    do throws(Failure) {
      return try reply.response(message, next)
    } catch {
      // For the engine the message succeeded.
      deliver.context.logger.error(
        "the reply cannot be sent",
        metadata: ["message_id": "\(message.id)", "failure": "\(error.kind.rawValue)", "reason": "\(error.reason)"])
      return ProblemDocument(error, message.id).response
    }
  }

  /// Why the request is not taken, as its head tells.
  private func refusal(_ headers: Headers, hasBody: Bool) -> ProblemDocument? {
    if case .required(let gate) = options.auth, !gate.admits(headers) {
      return ProblemDocument(
        401, "unauthorized", "Credentials are needed", headers: ["www-authenticate": gate.challenge])
    }
    if !options.consumes.isEmpty, hasBody, !consumes(headers["content-type"]) {
      let types = options.consumes.map(\.text).joined(separator: ", ")
      return ProblemDocument(
        415, "unsupported_media_type", "The content type is not taken", detail: "expected \(types)",
        headers: ["accept": types])
    }
    let accept = headers.values("accept").joined(separator: ",")
    if !options.produces.isEmpty, !accept.isEmpty, !options.produces.contains(where: { $0.isAccepted(by: accept) }) {
      let types = options.produces.map(\.text).joined(separator: ", ")
      return ProblemDocument(406, "not_acceptable", "No content type is acceptable", detail: "there is \(types)")
    }
    return nil
  }

  private func consumes(_ contentType: String?) -> Bool {
    guard let type = contentType.map(MediaType.ofField) else { return false }
    return options.consumes.contains { $0.includes(type) }
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
