internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Asks the Security Token Service for the credentials of a role (AWS STS API Reference).
struct SecurityTokens: Sendable {
  private static let version = "2011-06-15"
  private static let limit = 64 << 10

  private let endpoint: AWSEndpoint
  private let signer: AWSSigner
  private let client: HTTPClient
  private let prototype: HTTPClientRequest

  /// The service of a region, at `endpoint`.
  init(region: String, endpoint: AWSEndpoint?, _ client: HTTPClient, like prototype: HTTPClientRequest) {
    self.endpoint = endpoint ?? AWSEndpoint(service: "sts", region: region)
    self.client = client
    self.prototype = prototype
    signer = AWSSigner(service: "sts", region: region)
  }

  /// The credentials of a role that `credentials` may take on (AssumeRole).
  func assume(
    _ role: AssumedRole, as credentials: AWSCredentials, at time: Double
  ) async throws(Failure) -> AWSCredentials {
    var parameters = [("Action", "AssumeRole")] + parameters(role)
    if let id = role.externalID { parameters.append(("ExternalId", id)) }
    return try await ask(parameters, as: credentials, at: time)
  }

  /// The credentials of a role that whoever holds the token in a file may take on (AssumeRoleWithWebIdentity).
  func assume(
    _ role: AssumedRole, tokenFile: String, _ blocking: BlockingExecutor
  ) async throws(Failure) -> AWSCredentials {
    let token = try await TokenFile.read(tokenFile, on: blocking)
    let parameters = [("Action", "AssumeRoleWithWebIdentity")] + parameters(role) + [("WebIdentityToken", token)]
    return try await ask(parameters, as: nil, at: 0)
  }

  private func parameters(_ role: AssumedRole) -> [(String, String)] {
    [
      ("Version", Self.version), ("RoleArn", role.arn), ("RoleSessionName", role.session),
      ("DurationSeconds", "\(role.duration)"),
    ]
  }

  private func ask(
    _ parameters: [(String, String)], as credentials: AWSCredentials?, at time: Double
  ) async throws(Failure) -> AWSCredentials {
    let form = parameters.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }
    let body = Array(form.joined(separator: "&").utf8)
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
    let response: HTTPClientResponse
    do throws(Failure) { response = try await client.send(call) } catch {
      throw Failure(error.kind == .invalid ? .unavailable : error.kind, "no credentials: sts: \(error.reason)")
    }
    guard response.status == 200, case .bytes(let answer) = response.body else {
      let error = AWSServiceError(response)
      throw error.failure(service: "sts")
    }
    guard let key = XMLElementText.first("AccessKeyId", in: answer),
      let secret = XMLElementText.first("SecretAccessKey", in: answer),
      let credentials = AWSCredentials(
        accessKey: key, secretKey: secret, sessionToken: XMLElementText.first("SessionToken", in: answer),
        expiration: XMLElementText.first("Expiration", in: answer).flatMap(AWSTime.seconds))
    else { throw Failure(.unavailable, "the answer of sts holds no credentials") }
    return credentials
  }
}
