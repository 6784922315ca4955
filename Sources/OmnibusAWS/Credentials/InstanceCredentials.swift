internal import Omnibus
internal import OmnibusHTTP

/// Credentials of the role of an EC2 instance, by the second version of the metadata service: with a session token, which
/// nobody gets who can but make somebody else fetch an address.
struct InstanceCredentials: Sendable {
  private static let service = "http://169.254.169.254"
  private static let path = "/latest/meta-data/iam/security-credentials/"

  private let environment: AWSEnvironment
  private let client: HTTPClient

  init(_ environment: AWSEnvironment, _ client: HTTPClient) {
    self.environment = environment
    self.client = client
  }

  func load() async throws(Failure) -> AWSCredentials {
    guard environment["AWS_EC2_METADATA_DISABLED"]?.lowercased() != "true" else { throw nothing }
    let base = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"].flatMap { AWSEndpoint($0)?.url } ?? Self.service
    let token = try await ask(
      base + "/latest/api/token", method: "PUT", ["x-aws-ec2-metadata-token-ttl-seconds": "21600"])
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !token.isEmpty else { throw nothing }
    let session: Headers = ["x-aws-ec2-metadata-token": token]
    let roles = try await ask(base + Self.path, session)
    guard let role = roles.split(whereSeparator: \.isNewline).first else { throw nothing }
    let document = try await ask(base + Self.path + PercentEncoding.encode(String(role)), session)
    return try CredentialDocument.read(Array(document.utf8), from: "the instance's metadata")
  }

  private var nothing: Failure {
    Failure(
      .unauthorized,
      "no credentials of AWS: none are written, in the environment, in a profile, of a container or of an instance")
  }

  private func ask(_ url: String, method: String = "GET", _ headers: Headers) async throws(Failure) -> String {
    let request = HTTPClientRequest(
      method: method, url: url, headers: headers, timeout: .seconds(5), connectTimeout: .seconds(1),
      maxResponse: CredentialDocument.limit)
    return String(
      decoding: try await client.sendForCredentials(request, to: "the instance's metadata"), as: UTF8.self)
  }
}

extension HTTPClient {
  /// The body of the answer to a request for credentials; `who` is asked. Whatever becomes of the request can be tried
  /// again.
  func sendForCredentials(_ request: HTTPClientRequest, to who: String) async throws(Failure) -> [UInt8] {
    let response: HTTPClientResponse
    do throws(Failure) {
      response = try await send(request)
    } catch {
      let kind: Failure.Kind = error.kind == .timeout || error.kind == .cancelled ? error.kind : .unavailable
      throw Failure(kind, "no credentials: \(who): \(error.reason)")
    }
    guard response.status == 200, case .bytes(let bytes) = response.body else {
      let isRefused = 400..<500 ~= response.status && response.status != 429
      throw Failure(
        isRefused ? .unauthorized : .unavailable, "no credentials: \(who) answered \(response.status)")
    }
    return bytes
  }
}
