internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import OmnibusXML

/// Asks the Security Token Service for the credentials of a role (AWS STS API Reference).
struct SecurityTokens: Sendable {
  private static let version = "2011-06-15"
  private static let limit = 64 << 10

  private let endpoint: AWSEndpoint
  private let signer: AWSSigner
  private let client: HTTPClient
  private let prototype: HTTPClientRequest
  private let skew: ClockSkew
  private let clock: any EngineClock

  /// The service of a region, at `endpoint`, which is told the time of `clock` as far as `skew` does not know better.
  init(
    region: String, endpoint: AWSEndpoint?, _ client: HTTPClient, like prototype: HTTPClientRequest, _ skew: ClockSkew,
    _ clock: any EngineClock
  ) {
    self.skew = skew
    self.clock = clock
    self.endpoint = endpoint ?? AWSEndpoint(service: "sts", region: region)
    self.client = client
    self.prototype = prototype
    signer = AWSSigner(service: "sts", region: region)
  }

  /// The credentials of a role that `credentials` may take on (AssumeRole).
  func assume(_ role: AssumedRole, as credentials: AWSCredentials) async throws(Failure) -> AWSCredentials {
    var parameters = [("Action", "AssumeRole")] + parameters(role)
    if let id = role.externalID { parameters.append(("ExternalId", id)) }
    return try await ask(parameters, as: credentials)
  }

  /// The credentials of a role that whoever holds the token in a file may take on (AssumeRoleWithWebIdentity).
  func assume(
    _ role: AssumedRole, tokenFile: String, _ blocking: BlockingExecutor
  ) async throws(Failure) -> AWSCredentials {
    let token = try await TokenFile.read(tokenFile, on: blocking)
    let parameters = [("Action", "AssumeRoleWithWebIdentity")] + parameters(role) + [("WebIdentityToken", token)]
    return try await ask(parameters, as: nil)
  }

  private func parameters(_ role: AssumedRole) -> [(String, String)] {
    [
      ("Version", Self.version), ("RoleArn", role.arn), ("RoleSessionName", role.session),
      ("DurationSeconds", "\(role.duration)"),
    ]
  }

  /// Asks, and once more where the clock was wrong and the answer has set it.
  private func ask(
    _ parameters: [(String, String)], as credentials: AWSCredentials?
  ) async throws(Failure) -> AWSCredentials {
    let form = parameters.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }
    let body = Array(form.joined(separator: "&").utf8)
    var isRepeated = false
    while true {
      let time = skew.time(clock)
      let response = try await send(body, as: credentials, at: time)
      if response.status == 200 { return try Self.credentials(response) }
      let error = AWSServiceError(response)
      guard !isRepeated, credentials != nil, error.mayBeSkewed,
        skew.heed(date: response.headers["date"], signedAt: time, clock)
      else { throw error.failure(service: "sts") }
      isRepeated = true
    }
  }

  private func send(
    _ body: [UInt8], as credentials: AWSCredentials?, at time: Double
  ) async throws(Failure) -> HTTPClientResponse {
    var request = AWSRequest(
      endpoint: endpoint, headers: ["content-type": "application/x-www-form-urlencoded; charset=utf-8"])
    if let credentials { signer.sign(&request, payload: .bytes(body), credentials: credentials, at: time) }
    var call = prototype
    call.method = request.method
    call.url = request.url
    call.headers = request.headers
    call.content = .bytes(body)
    call.maxResponse = Self.limit
    // No more than credentials are asked for.
    call.isRepeatable = true
    do throws(Failure) { return try await client.send(call) } catch {
      throw Failure(error.kind == .invalid ? .unavailable : error.kind, "no credentials: sts: \(error.reason)")
    }
  }

  /// The credentials in an answer; nothing of it is told.
  private static func credentials(_ response: HTTPClientResponse) throws(Failure) -> AWSCredentials {
    var fields: [String: String] = [:]
    if case .bytes(let bytes) = response.body, let root = try? XMLDocument(parsing: bytes).root,
      let element = root.name == "Credentials" ? root : root.descendant("Credentials")
    {
      for child in element.children { fields[child.name] = child.text.filter { !$0.isWhitespace } }
    }
    guard let key = fields["AccessKeyId"], let secret = fields["SecretAccessKey"],
      let credentials = AWSCredentials(
        accessKey: key, secretKey: secret, sessionToken: fields["SessionToken"],
        expiration: fields["Expiration"].flatMap(AWSTime.seconds))
    else { throw Failure(.unavailable, "the answer of sts holds no credentials") }
    return credentials
  }
}
