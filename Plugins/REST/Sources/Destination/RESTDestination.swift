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
  private let body: RequestBody?
  private let tokens: AccessTokens?

  init(_ options: RESTDestinationOptions, _ context: Context) {
    self.options = options
    target = Target(options)
    client = HTTPClient(reactors: context.reactors)
    prototype = HTTPClientRequest(
      method: options.method.rawValue, url: options.url, timeout: options.timeout,
      connectTimeout: options.connectTimeout, maxResponse: options.maxResponse.bytes, wantsStream: options.stream,
      followsRedirects: options.followRedirects, tls: options.tls.configuration(in: context.directory),
      proxy: options.proxy.proxy)
    body = options.method.sendsBody ? RequestBody(parts: options.multipart, compresses: options.compress) : nil
    tokens =
      if case .oauth2(let auth) = options.auth {
        AccessTokens.shared(auth, prototype.tls, prototype.proxy, context.reactors)
      } else { nil }
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    var request = prototype
    request.url = try target.url(&message, context)
    var made = try body?.make(&message, context) ?? RequestBody.Made()
    if let body, body.compresses { try await body.compress(&made, context) }
    request.content = made.content
    request.headers = try headers(&message, context, made)
    var response = try await send(request, context)
    if let failure = UpstreamStatus(response, wallTime: context.clock.wallTime).failure {
      throw failure
    }
    if response.headers.contains("content-encoding") {
      try await response.decodeContent(limit: options.maxResponse.bytes, on: context.blocking)
    }
    message.body = response.body
    message.contentType = response.headers["content-type"]
    message.properties[context.step] = .map(
      ValueMap([("status", .int(Int64(response.status))), ("headers", .map(values(response.headers)))]))
    return .next
  }

  /// Sends the request, where tokens are needed with one. A token that the other side does not take is replaced, once;
  /// a stream cannot be sent a second time.
  private func send(_ request: HTTPClientRequest, _ context: Context) async throws(Failure) -> HTTPClientResponse {
    guard let tokens else { return try await client.send(request) }
    let token = try await tokens.token(context)
    let response = try await client.send(request.authorized(by: token))
    guard response.status == 401 else { return response }
    tokens.drop(token)
    if case .stream = request.content { return response }
    return try await client.send(request.authorized(by: try await tokens.token(context)))
  }

  private func headers(
    _ message: inout Message, _ context: Context, _ body: RequestBody.Made
  ) throws(Failure) -> Headers {
    var headers = Headers()
    headers.reserveCapacity(fields: options.headers.entries.count + 4, bytes: 512)
    for (name, value) in options.headers.entries { headers.append(name, try value.evaluate(&message, context)) }
    if let type = body.type, !headers.contains("content-type") { headers.append("content-type", type) }
    if body.isGzip { headers.append("content-encoding", "gzip") }
    if options.acceptGzip, !headers.contains("accept-encoding") { headers.append("accept-encoding", "gzip") }
    if let trace = message.trace, !headers.contains("traceparent") { trace.write(to: &headers) }
    switch options.auth {
    case .header(let credentials): headers.append("authorization", credentials.reveal)
    case .key(let key): if case .header(let name) = key.place { headers.append(name, key.key.reveal) }
    case .none, .oauth2: break
    }
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

extension HTTPClientRequest {
  fileprivate func authorized(by token: AccessToken) -> HTTPClientRequest {
    var request = self
    request.headers.append("authorization", token.authorization.reveal)
    return request
  }
}
