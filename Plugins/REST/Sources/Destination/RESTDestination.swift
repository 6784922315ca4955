internal import Omnibus
internal import OmnibusExpression
internal import OmnibusHTTP

/// Sends the message and takes the answer: its body and content type replace those of the message, its status and
/// headers are in `properties.<step id>`.
struct RESTDestination: Step {
  private let options: RESTDestinationOptions
  private let target: Target
  private let client: HTTPClient
  private let prototype: HTTPClientRequest

  init(_ options: RESTDestinationOptions, _ context: Context) {
    self.options = options
    target = Target(options)
    client = HTTPClient(reactors: context.reactors)
    prototype = HTTPClientRequest(
      method: options.method.rawValue, url: options.url, timeout: options.timeout,
      connectTimeout: options.connectTimeout, maxResponse: options.maxResponse.bytes, wantsStream: options.stream,
      followsRedirects: options.followRedirects,
      tls: options.tls.configuration(in: context.directory))
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    var request = prototype
    request.url = try target.url(&message, context)
    request.headers = try headers(&message, context)
    request.content = options.method.sendsBody ? try content(message.body) : .empty
    let response = try await client.send(request)
    if let failure = UpstreamStatus(response, wallTime: context.clock.wallTime).failure {
      throw failure
    }
    message.body = response.body
    message.contentType = response.headers["content-type"]
    message.properties[context.step] = .map(
      ValueMap([("status", .int(Int64(response.status))), ("headers", .map(values(response.headers)))]))
    return .next
  }

  private func headers(_ message: inout Message, _ context: Context) throws(Failure) -> Headers {
    var headers = Headers()
    headers.reserveCapacity(fields: options.headers.entries.count + 4, bytes: 512)
    for (name, value) in options.headers.entries { headers.append(name, try value.evaluate(&message, context)) }
    if options.method.sendsBody, !headers.contains("content-type"), let type = contentType(message) {
      headers.append("content-type", type)
    }
    for name in ["traceparent", "tracestate"] where !headers.contains(name) {
      if let value = message.headers[name] { headers.append(name, value) }
    }
    if case .header(let credentials) = options.auth { headers.append("authorization", credentials.reveal) }
    if !options.method.isIdempotent, !headers.contains("idempotency-key") {
      headers.append("idempotency-key", idempotencyKey(message, context))
    }
    return headers
  }

  /// The same for each attempt to send the message, so that who is sent it twice can tell
  /// (draft-ietf-httpapi-idempotency-key-header, 2.1); another for each step, which sends something else.
  private func idempotencyKey(_ message: Message, _ context: Context) -> String {
    "\"\(message.id)/\(context.route)/\(context.step)\""
  }

  private func contentType(_ message: Message) -> String? {
    if let type = message.contentType { return type }
    if case .document(let document) = message.body { return document.mediaType }
    return nil
  }

  private func content(_ body: Body) throws(Failure) -> HTTPClientRequest.Content {
    switch body {
    case .empty: return .empty
    case .bytes(let bytes): return .bytes(bytes)
    case .document(let document): return .bytes(try document.serialize())
    case .stream(let stream):
      try stream.claim()
      return .stream(stream)
    }
  }

  /// The fields by name in lower case; one that comes several times is joined (RFC 9110, 5.3).
  private func values(_ headers: Headers) -> ValueMap {
    var values = ValueMap()
    for (name, value) in headers {
      let name = name.lowercased()
      if case .string(let first)? = values[name] {
        values[name] = .string("\(first), \(value)")
      } else {
        values[name] = .string(value)
      }
    }
    return values
  }
}
