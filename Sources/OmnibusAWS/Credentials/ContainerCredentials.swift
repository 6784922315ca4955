internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Credentials that the agent of a container gives: of ECS, and of EKS with pod identities.
struct ContainerCredentials: Sendable {
  private static let agent = "http://169.254.170.2"
  /// Whom the token may be given to in the clear: this machine, and the agents of ECS and EKS.
  private static let trusted = ["127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]

  private let environment: AWSEnvironment
  private let client: HTTPClient
  private let blocking: BlockingExecutor

  init(_ environment: AWSEnvironment, _ client: HTTPClient, _ blocking: BlockingExecutor) {
    self.environment = environment
    self.client = client
    self.blocking = blocking
  }

  /// Whether the environment names an agent.
  static func isThere(_ environment: AWSEnvironment) -> Bool {
    environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] != nil
      || environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] != nil
  }

  func load() async throws(Failure) -> AWSCredentials {
    var request = HTTPClientRequest(
      url: try url(), timeout: .seconds(5), connectTimeout: .seconds(2), maxResponse: CredentialDocument.limit)
    request.headers = ["accept": "application/json"]
    if let token = try await token() { request.headers.append("authorization", token) }
    let response = try await client.sendForCredentials(request, to: "the container's agent")
    return try CredentialDocument.read(response, from: "the container's agent")
  }

  private func url() throws(Failure) -> String {
    if let path = environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
      guard path.hasPrefix("/") else {
        throw Failure(.unauthorized, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not begin with a slash")
      }
      return Self.agent + path
    }
    guard let url = environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] else {
      throw Failure(.unauthorized, "the environment names no agent of a container")
    }
    let host = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    let isTrusted = Self.trusted.contains { host == $0 || host.hasPrefix("\($0):") } && !host.contains("@")
    guard url.hasPrefix("https://") || url.hasPrefix("http://") && isTrusted else {
      throw Failure(
        .unauthorized, "AWS_CONTAINER_CREDENTIALS_FULL_URI is neither https nor an agent of this machine, ECS or EKS")
    }
    return url
  }

  private func token() async throws(Failure) -> String? {
    guard let path = environment["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] else {
      return environment["AWS_CONTAINER_AUTHORIZATION_TOKEN"]
    }
    return try await TokenFile.read(path, on: blocking)
  }
}
