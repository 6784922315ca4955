import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusAWS

/// Where credentials come from.
@Suite struct CredentialTests {
  private let folder = TemporaryDirectory()
  private let clock = ManualClock()

  private func context(_ variables: [String: String]) -> Context {
    var services = Services()
    let all = variables.merging(["HOME": folder.path]) { first, _ in first }
    services[AWSEnvironment.self] = AWSEnvironment { all[$0] }
    return .testing(clock: clock, directory: folder.path, services: services)
  }

  private func credentials(
    _ options: Configuration = [:], _ variables: [String: String] = [:]
  ) async throws -> AWSCredentials {
    let options = try ComponentLoader([]).option(AWSOptions.self, options)
    let context = context(variables.merging(["AWS_REGION": "eu-central-1"]) { first, _ in first })
    return try await AWSClient(options, service: "sqs", context).connection.provider.credentials(context)
  }

  private func document(_ key: String, expires: String = "2033-01-01T00:00:00Z") -> String {
    #"{"Code":"Success","AccessKeyId":"\#(key)","SecretAccessKey":"s","Token":"t","Expiration":"\#(expires)"}"#
  }

  @Test("keys that are written come before all others")
  func written() async throws {
    let written = try await credentials(
      ["access_key": "AKONE", "secret_key": "${env:HOME}"],
      ["AWS_ACCESS_KEY_ID": "AKTWO", "AWS_SECRET_ACCESS_KEY": "s"])
    #expect(written.accessKey == "AKONE")
  }

  @Test("the environment gives keys and a token, and comes before files")
  func environment() async throws {
    folder.write(".aws/credentials", "[default]\naws_access_key_id = AKFILE\naws_secret_access_key = s\n")
    let found = try await credentials(
      [:], ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "t"])
    #expect(found.accessKey == "AKENV" && found.sessionToken?.reveal == "t")
    #expect(try await credentials().accessKey == "AKFILE")
  }

  @Test("profiles are read from both files, with comments, and the region with them")
  func profiles() async throws {
    folder.write(
      ".aws/config",
      """
      # care
      [profile care]
      region = eu-west-1 # Ireland
      aws_access_key_id=AKCONFIG
      aws_secret_access_key=one
      s3 =
        addressing_style = path
      [care]
      region = nowhere
      [profile other]
      aws_access_key_id=AKOTHER
      aws_secret_access_key=s
      """)
    folder.write(".aws/credentials", "[care]\r\naws_access_key_id = AKCARE\r\naws_secret_access_key = two\r\n")
    let care = try await credentials(["profile": "care"])
    #expect(care.accessKey == "AKCARE" && care.secretKey.reveal == "two")
    #expect(try await credentials([:], ["AWS_PROFILE": "other"]).accessKey == "AKOTHER")
    let options = try ComponentLoader([]).option(AWSOptions.self, ["profile": "care"])
    let client = try AWSClient(options, service: "sqs", context([:]))
    #expect(client.region == "eu-west-1" && client.endpoint.url == "https://sqs.eu-west-1.amazonaws.com")
    #expect(throws: OptionProblem.self) { try AWSClient(AWSOptions(), service: "sqs", context([:])) }
  }

  @Test("a profile takes on a role with the keys of another, and one that would run a program is refused")
  func rolesOfProfiles() async throws {
    let sts = try AWSStub { _ in
      AWSStub.text(
        200,
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAONE</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>"
          + "<SessionToken>\n tok/en== </SessionToken><Expiration>2033-01-01T00:00:00Z</Expiration></Credentials>"
          + "</AssumeRoleResult></AssumeRoleResponse>")
    }
    folder.write(
      ".aws/config",
      """
      [profile base]
      aws_access_key_id = AKBASE
      aws_secret_access_key = s
      [profile role]
      role_arn = arn:aws:iam::123456789012:role/care
      source_profile = base
      external_id = x&y
      [profile ring]
      role_arn = arn:aws:iam::123456789012:role/care
      source_profile = gnir
      [profile gnir]
      role_arn = arn:aws:iam::123456789012:role/care
      source_profile = ring
      [profile program]
      credential_process = /bin/true
      """)
    let taken = try await credentials(["profile": "role", "sts_endpoint": "\(sts.url)"])
    #expect(taken.accessKey == "ASIAONE" && taken.sessionToken?.reveal == "tok/en==")
    #expect(taken.expiration == 1_988_150_400)
    let request = try #require(sts.requests.all.first)
    #expect(request.accessKey == "AKBASE")
    #expect(request.text.contains("Action=AssumeRole&") && request.text.contains("ExternalId=x%26y"))
    for name in ["ring", "program", "missing"] {
      let failure = await #expect(throws: Failure.self) {
        try await credentials(["profile": Configuration(stringLiteral: name), "sts_endpoint": "\(sts.url)"])
      }
      #expect(failure?.kind == .unauthorized)
    }
  }

  @Test("a clock that is wrong is set by the token service, too")
  func skewOfRoles() async throws {
    // The clock of the test stands in 2023, the server's is the present.
    let sts = try AWSStub { request in
      guard request.headers["x-amz-date"]?.hasPrefix("2023") != true else {
        return AWSStub.text(403, "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>")
      }
      return AWSStub.text(
        200,
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAONE</AccessKeyId>"
          + "<SecretAccessKey>s&amp;s</SecretAccessKey></Credentials></AssumeRoleResult></AssumeRoleResponse>")
    }
    let options: Configuration = [
      "assume_role": ["role": "arn:aws:iam::123456789012:role/care"], "sts_endpoint": "\(sts.url)",
    ]
    let taken = try await credentials(options, ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "s"])
    #expect(taken.accessKey == "ASIAONE" && taken.secretKey.reveal == "s&s")
    #expect(sts.requests.all.count == 2)
  }

  @Test(
    "an answer of the token service that holds no credentials is a failure",
    arguments: [
      "", "nonsense", "<Credentials/>", "<Credentials><AccessKeyId>A</AccessKeyId></Credentials>",
      "<a><Credentials><AccessKeyId>A</AccessKeyId><SecretAccessKey>s</SecretAccessKey></Credentials>",
      "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Credentials><AccessKeyId>&x;</AccessKeyId>"
        + "<SecretAccessKey>s</SecretAccessKey></Credentials>",
    ])
  func hostileTokens(answer: String) async throws {
    let sts = try AWSStub { _ in AWSStub.text(200, answer) }
    let options: Configuration = [
      "assume_role": ["role": "arn:aws:iam::123456789012:role/care"], "sts_endpoint": "\(sts.url)",
    ]
    let failure = await #expect(throws: Failure.self) {
      try await credentials(options, ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "s"])
    }
    #expect(failure?.kind == .unavailable)
  }

  @Test("a profile that is meant and cannot be had is an error, though nobody wrote it in a route")
  func meantProfiles() async throws {
    folder.write(".aws/config", "[default]\ncredential_process = /bin/true\n[profile sso]\nsso_session = a\n")
    let agent = try AWSStub { _ in AWSStub.text(200, #"{"AccessKeyId":"AK","SecretAccessKey":"s"}"#) }
    let container = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(agent.url)/"]
    for (name, reason) in [
      (nil, "the profile \"default\" has credential_process, which is not supported"),
      ("sso", "the profile \"sso\" has sso_session, which is not supported"),
      ("missing", "the profile \"missing\" is in neither of the shared files of AWS"),
    ] as [(String?, String)] {
      let variables = container.merging(name.map { ["AWS_PROFILE": $0] } ?? [:]) { $1 }
      let failure = await #expect(throws: Failure.self) { try await credentials([:], variables) }
      #expect(failure?.kind == .unauthorized && failure?.reason == reason)
    }
    folder.write(".aws/config", "[default]\nregion = eu-west-1\n")
    #expect(try await credentials([:], container).accessKey == "AK")
  }

  @Test("a role is taken on with a token from a file, which is read anew each time")
  func webIdentity() async throws {
    let sts = try AWSStub { request in
      AWSStub.text(
        200,
        "<Credentials><AccessKeyId>ASIAWEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken></Credentials>"
      )
    }
    folder.write("token", "abc.def\n")
    let options: Configuration = [
      "web_identity": ["role": "arn:aws:iam::123456789012:role/care", "token_file": "token"],
      "sts_endpoint": "\(sts.url)",
    ]
    #expect(try await credentials(options).accessKey == "ASIAWEB")
    let request = try #require(sts.requests.all.first)
    #expect(request.headers["authorization"] == nil)
    #expect(
      request.text.contains("Action=AssumeRoleWithWebIdentity&") && request.text.hasSuffix("&WebIdentityToken=abc.def"))
  }

  @Test("a container's agent is asked with its token, and only who may have it")
  func container() async throws {
    let answer = document("ASIACONTAINER")
    let agent = try AWSStub { _ in AWSStub.text(200, answer) }
    folder.write("token", "Bearer one\n")
    let found = try await credentials(
      [:],
      [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(agent.url)/role",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "\(folder.path)/token",
      ])
    #expect(found.accessKey == "ASIACONTAINER" && found.expiration == 1_988_150_400)
    #expect(agent.requests.all.first?.headers["authorization"] == "Bearer one")
    for url in ["http://agent.example/role", "http://127.0.0.1@agent.example/", "ftp://127.0.0.1/"] {
      let failure = await #expect(throws: Failure.self) {
        try await credentials([:], ["AWS_CONTAINER_CREDENTIALS_FULL_URI": url])
      }
      #expect(failure?.kind == .unauthorized)
    }
  }

  @Test("an instance's metadata is asked with a session token")
  func instance() async throws {
    let answer = document("ASIAINSTANCE")
    let metadata = try AWSStub { request in
      switch request.path {
      case "/latest/api/token": AWSStub.text(request.method == "PUT" ? 200 : 405, "session")
      case "/latest/meta-data/iam/security-credentials/": AWSStub.text(200, "care\nother")
      default: AWSStub.text(request.headers["x-aws-ec2-metadata-token"] == "session" ? 200 : 401, answer)
      }
    }
    let variables = ["AWS_EC2_METADATA_SERVICE_ENDPOINT": metadata.url]
    #expect(try await credentials([:], variables).accessKey == "ASIAINSTANCE")
    #expect(metadata.requests.all.last?.path == "/latest/meta-data/iam/security-credentials/care")
    let failure = await #expect(throws: Failure.self) {
      try await credentials([:], variables.merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 })
    }
    #expect(failure?.kind == .unauthorized)
  }

  @Test(
    "answers that hold no credentials are failures, and nothing of them is told",
    arguments: [
      "", "[]", "{", #"{"AccessKeyId":"A","SecretAccessKey":"s\nx: y"}"#, #"{"AccessKeyId":7,"SecretAccessKey":"s"}"#,
      String(repeating: "x", count: 100_000),
    ])
  func hostile(answer: String) async throws {
    let agent = try AWSStub { _ in AWSStub.text(200, answer) }
    let failure = await #expect(throws: Failure.self) {
      try await credentials([:], ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(agent.url)/"])
    }
    #expect(failure?.kind == .unavailable)
    #expect(failure?.reason.contains("AccessKeyId") == false)
  }

  @Test("credentials are got once for all, used until they end, and got anew before")
  func refresh() async throws {
    let count = Mutex(0)
    let ends = Mutex("2023-11-14T23:13:20Z")
    let agent = try AWSStub { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      let end = ends.withLock { $0 }
      return AWSStub.text(
        200, #"{"AccessKeyId":"AK\#(number)","SecretAccessKey":"s","Token":"t","Expiration":"\#(end)"}"#)
    }
    let context = context(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(agent.url)/", "AWS_REGION": "eu-central-1"])
    let client = try AWSClient(AWSOptions(), service: "sqs", context)
    let provider = client.connection.provider
    let found = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<20 { group.addTask { try await provider.credentials(context).accessKey } }
      return try await group.reduce(into: Set()) { $0.insert($1) }
    }
    #expect(found == ["AK1"] && count.withLock { $0 } == 1)
    // Five minutes before their end others are got, while these are given.
    clock.advance(by: .seconds(3_290))
    ends.withLock { $0 = "2023-11-15T00:13:20Z" }
    agent.become { _ in AWSStub.text(500, "") }
    clock.advance(by: .seconds(20))
    #expect(try await provider.credentials(context).accessKey == "AK1")
    await agent.requests.wait(for: 2)
    agent.become { _ in
      AWSStub.text(200, #"{"AccessKeyId":"AK9","SecretAccessKey":"s","Expiration":"2023-11-15T00:13:20Z"}"#)
    }
    clock.advance(by: .seconds(6))
    let isNew = try await eventually {
      clock.advance(by: .milliseconds(100))
      return try await provider.credentials(context).accessKey == "AK9"
    }
    #expect(isNew)
    // Ended ones are not used, whatever the agent says.
    agent.become { _ in AWSStub.text(500, "") }
    clock.advance(by: .seconds(7_200))
    let failure = await #expect(throws: Failure.self) { try await provider.credentials(context) }
    #expect(failure?.kind == .unavailable)
  }
}
