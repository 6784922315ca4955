public import Omnibus
public import OmnibusHTTP

/// Calls one service of AWS as one connection: signs, sends, and tells errors apart.
public struct AWSClient: Sendable {
  /// The largest answer that is read for the code of an error, in bytes.
  static let maxError = 256 << 10

  /// The service, as signatures name it.
  public let service: String
  /// The region.
  public let region: String
  /// Where requests go.
  public let endpoint: AWSEndpoint
  /// Signs for the service in the region.
  public let signer: AWSSigner
  /// Who it is, and what time it is there.
  public let connection: AWSConnection
  private let client: HTTPClient
  private let tls: HTTPClientRequest

  /// A client for `service` at `endpoint`; nil for where the options say. Fails where no region is known.
  public init(
    _ options: AWSOptions, service: String, endpoint: String? = nil, _ context: Context
  ) throws(OptionProblem) {
    let environment = context.services[AWSEnvironment.self] ?? .process
    let named = options.region ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"]
    let profile = options.profile ?? environment["AWS_PROFILE"] ?? "default"
    guard let region = named ?? AWSProfiles(environment)[profile]?["region"], !region.isEmpty else {
      throw OptionProblem(
        nil, "no region is known", help: "write region: eu-central-1, or set the environment variable AWS_REGION")
    }
    self.service = service
    self.region = region
    let written = [
      endpoint, options.endpoint, environment["AWS_ENDPOINT_URL_\(service.uppercased())"],
      environment["AWS_ENDPOINT_URL"],
    ]
    self.endpoint =
      written.lazy.compactMap { $0.flatMap { AWSEndpoint($0) } }.first ?? AWSEndpoint(service: service, region: region)
    signer = AWSSigner(service: service, region: region)
    connection = .shared(options, region, environment, context)
    client = HTTPClient(reactors: context.reactors)
    tls = HTTPClientRequest(
      url: "", connectTimeout: options.connectTimeout, tls: options.tls.configuration(in: context.directory))
  }

  /// A call with the time-outs and the TLS of the connection, for `send`.
  public var prototype: HTTPClientRequest { tls }

  /// Signs a request, and sends it as `call` says, whose method, address and fields are set; an answer with a status of
  /// 300 and more is thrown as the failure that `AWSServiceError` makes of it, but for those of `expected`.
  ///
  /// Where the credentials have ended, or the clock is wrong, others are got or the clock is set, and the request is sent
  /// once more; one whose payload is a stream is not. `content` is what is sent, made of the signature for each attempt.
  public func send(
    _ request: AWSRequest, as call: HTTPClientRequest, payload: AWSPayload, expected: Set<Int> = [], _ context: Context,
    content: (AWSSignature) throws(Failure) -> HTTPClientRequest.Content
  ) async throws(Failure) -> HTTPClientResponse {
    var isRepeated = false
    while true {
      let credentials = try await connection.provider.credentials(context)
      let time = connection.time(context)
      var signed = request
      let signature = signer.sign(&signed, payload: payload, credentials: credentials, at: time)
      var call = call
      call.method = signed.method
      call.url = signed.url
      call.headers = signed.headers
      call.content = try content(signature)
      let response = try await client.send(call)
      if response.status < 300 || expected.contains(response.status) { return response }
      let error = AWSServiceError(try await response.collected(), now: context.clock.wallTime)
      if !isRepeated, !call.content.isStream {
        isRepeated = true
        if await mayPass(error, response, credentials, signedAt: time, context) { continue }
      }
      throw error.failure(service: service)
    }
  }

  /// Whether the same request may be taken with other credentials or another time, which then are there.
  private func mayPass(
    _ error: AWSServiceError, _ response: HTTPClientResponse, _ credentials: AWSCredentials, signedAt: Double,
    _ context: Context
  ) async -> Bool {
    if error.mayBeSkewed, connection.heed(date: response.headers["date"], signedAt: signedAt, context) { return true }
    guard error.mayBeOfEndedKeys else { return false }
    // Where it is not said that they have ended, they must not be lost to all others.
    if error.isOfEndedKeys { connection.provider.drop(credentials) }
    return await connection.provider.others(than: credentials, context) != nil
  }
}

extension HTTPClientRequest.Content {
  fileprivate var isStream: Bool { if case .stream = self { true } else { false } }
}

extension HTTPClientResponse {
  /// The answer with its body in memory, as far as an error's code may stand in it.
  fileprivate func collected() async throws(Failure) -> HTTPClientResponse {
    guard case .stream(let stream) = body else { return self }
    var response = self
    do { response.body = .bytes(try await stream.collect(limit: AWSClient.maxError)) } catch { response.body = .empty }
    return response
  }
}
