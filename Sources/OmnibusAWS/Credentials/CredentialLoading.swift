internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Gets credentials from where they are, with the region and the addresses that a connection has.
struct CredentialLoading: Sendable {
  /// How many profiles may stand on each other.
  private static let deepest = 8

  let environment: AWSEnvironment
  let client: HTTPClient
  let sts: SecurityTokens
  let blocking: BlockingExecutor

  /// The credentials of a source.
  func load(_ source: CredentialSource, depth: Int = 0) async throws(Failure) -> AWSCredentials {
    guard depth <= Self.deepest else {
      throw Failure(.unauthorized, "profiles refer to each other more than \(Self.deepest) times")
    }
    switch source {
    case .fixed(let credentials): return credentials
    case .environment:
      guard let credentials = try fromEnvironment() else {
        throw Failure(.unauthorized, "the environment has no AWS_ACCESS_KEY_ID")
      }
      return credentials
    case .profile(let name): return try await load(profile: name, depth: depth)
    case .container: return try await ContainerCredentials(environment, client, blocking).load()
    case .instance: return try await InstanceCredentials(environment, client).load()
    case .webIdentity(let role, let file): return try await sts.assume(role, tokenFile: file, blocking)
    case .role(let role, let source):
      let base = try await load(source, depth: depth + 1)
      return try await sts.assume(role, as: base)
    case .standard: return try await loadStandard()
    }
  }

  /// The order is that of the AWS SDKs: environment, token file, profile, container, instance.
  private func loadStandard() async throws(Failure) -> AWSCredentials {
    if let credentials = try fromEnvironment() { return credentials }
    if let file = environment["AWS_WEB_IDENTITY_TOKEN_FILE"], let arn = environment["AWS_ROLE_ARN"] {
      let session = environment["AWS_ROLE_SESSION_NAME"] ?? AssumedRole.defaultSession
      return try await load(.webIdentity(AssumedRole(arn: arn, session: session, duration: 3600), tokenFile: file))
    }
    let name = environment["AWS_PROFILE"] ?? "default"
    let profiles = await readProfiles()
    // One without credentials may be there for its region. What it says and cannot be had must not be passed over.
    let holdsSome = profiles[name].map { profile in
      CredentialSource(profile: profile, named: name) != nil
        || CredentialSource.unsupported.contains { profile[$0] != nil }
    }
    if holdsSome ?? (environment["AWS_PROFILE"] != nil) {
      return try await load(profile: name, in: profiles, depth: 0)
    }
    if ContainerCredentials.isThere(environment) { return try await load(.container) }
    return try await load(.instance)
  }

  private func fromEnvironment() throws(Failure) -> AWSCredentials? {
    guard let key = environment["AWS_ACCESS_KEY_ID"], let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
      return nil
    }
    let token = environment["AWS_SESSION_TOKEN"]
    guard let credentials = AWSCredentials(accessKey: key, secretKey: secret, sessionToken: token) else {
      throw Failure(.unauthorized, "the credentials of the environment hold characters that none may have")
    }
    return credentials
  }

  private func load(profile name: String, depth: Int) async throws(Failure) -> AWSCredentials {
    try await load(profile: name, in: await readProfiles(), depth: depth)
  }

  private func load(profile name: String, in profiles: AWSProfiles, depth: Int) async throws(Failure) -> AWSCredentials
  {
    guard let profile = profiles[name] else {
      throw Failure(.unauthorized, "the profile \"\(name)\" is in neither of the shared files of AWS")
    }
    guard let source = CredentialSource(profile: profile, named: name) else {
      let what = CredentialSource.unsupported.first { profile[$0] != nil }
      throw Failure(
        .unauthorized,
        "the profile \"\(name)\" " + (what.map { "has \($0), which is not supported" } ?? "holds no credentials"))
    }
    return try await load(source, depth: depth + 1)
  }

  private func readProfiles() async -> AWSProfiles {
    let environment = environment
    // What it throws is nothing: reading does not.
    return (try? await blocking.run { AWSProfiles(environment) }) ?? AWSProfiles(config: [], credentials: [])
  }
}

extension CredentialSource {
  /// What profiles can have that would run a program or open a browser.
  static let unsupported = ["credential_process", "sso_session", "sso_start_url", "mfa_serial", "login_session"]

  /// What a profile says; nil where it holds no credentials that can be had.
  init?(profile: [String: String], named name: String) {
    if let arn = profile["role_arn"], profile["mfa_serial"] == nil {
      let role = AssumedRole(
        arn: arn, session: profile["role_session_name"] ?? AssumedRole.defaultSession,
        externalID: profile["external_id"], duration: profile["duration_seconds"].flatMap { Int($0) } ?? 3600)
      if let file = profile["web_identity_token_file"] {
        self = .webIdentity(role, tokenFile: file)
        return
      }
      if let base = profile["source_profile"] {
        // A profile that names itself means its own keys.
        guard base == name else {
          self = .role(role, by: .profile(base))
          return
        }
        guard let keys = Self.keys(profile) else { return nil }
        self = .role(role, by: .fixed(keys))
        return
      }
      switch profile["credential_source"] {
      case "Environment": self = .role(role, by: .environment)
      case "Ec2InstanceMetadata": self = .role(role, by: .instance)
      case "EcsContainer": self = .role(role, by: .container)
      default: return nil
      }
      return
    }
    guard let keys = Self.keys(profile) else { return nil }
    self = .fixed(keys)
  }

  private static func keys(_ profile: [String: String]) -> AWSCredentials? {
    guard let key = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] else { return nil }
    return AWSCredentials(accessKey: key, secretKey: secret, sessionToken: profile["aws_session_token"])
  }
}
