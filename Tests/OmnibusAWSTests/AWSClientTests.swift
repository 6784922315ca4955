import Omnibus
import OmnibusHTTP
import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusAWS

/// How calls are signed, sent again, and fail.
@Suite struct AWSClientTests {
  private let clock = ManualClock()
  private let log = LogRecorder()

  private func context(_ variables: [String: String] = [:]) -> Context {
    var services = Services()
    services[AWSEnvironment.self] = AWSEnvironment { variables[$0] }
    return .testing(clock: clock, log: log, services: services)
  }

  private func client(_ stub: AWSStub, _ context: Context) throws -> AWSClient {
    let options = try ComponentLoader([]).option(
      AWSOptions.self, ["region": "eu-central-1", "endpoint": "\(stub.url)"])
    return try AWSClient(options, service: "sqs", context)
  }

  private func call(_ client: AWSClient, _ context: Context) async throws -> HTTPClientResponse {
    let request = AWSRequest(endpoint: client.endpoint, headers: ["x-amz-target": "AmazonSQS.ListQueues"])
    return try await client.send(request, as: client.prototype, payload: .bytes([0x7B, 0x7D]), context) { _ in
      .bytes([0x7B, 0x7D])
    }
  }

  private let keys = [
    "AWS_ACCESS_KEY_ID": "AKONE", "AWS_SECRET_ACCESS_KEY": "TopSecretKey", "AWS_SESSION_TOKEN": "TopToken",
  ]

  @Test("a clock that is wrong is set by the date of the refusal, once for all calls of the connection")
  func skew() async throws {
    // The clock of the test stands in 2023, the server's is the present.
    let stub = try AWSStub { request in
      let isOld = request.headers["x-amz-date"]?.hasPrefix("2023") == true
      return isOld
        ? AWSStub.text(403, "<ErrorResponse><Error><Code>RequestTimeTooSkewed</Code></Error></ErrorResponse>")
        : AWSStub.text(200, "{}")
    }
    let context = context(keys)
    let client = try client(stub, context)
    #expect(try await call(client, context).status == 200)
    #expect(try await call(client, context).status == 200)
    #expect(stub.requests.all.map { $0.headers["x-amz-date"]?.hasPrefix("2023") } == [true, false, false])
  }

  @Test("a signature that is refused though the clock is right is a failure, and not tried again")
  func refused() async throws {
    let stub = try AWSStub { _ in AWSStub.text(403, #"{"__type":"com.amazon.coral.service#SignatureDoesNotMatch"}"#) }
    let context = context(keys)
    let client = try client(stub, context)
    for _ in 1...2 {
      let failure = await #expect(throws: Failure.self) { try await call(client, context) }
      #expect(failure?.kind == .unauthorized && failure?.reason == "sqs answered 403 SignatureDoesNotMatch")
    }
    // The first refusal set the clock, the second changed nothing.
    #expect(stub.requests.all.count == 3)
  }

  /// Hands out other keys each time: AK1, AK2, …
  private func agent() throws -> AWSStub {
    let count = Mutex(0)
    return try AWSStub { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      return AWSStub.text(200, #"{"AccessKeyId":"AK\#(number)","SecretAccessKey":"s","Token":"t"}"#)
    }
  }

  @Test("credentials that ended are replaced by others, once")
  func expired() async throws {
    let agent = try agent()
    let stub = try AWSStub { request in
      request.accessKey == "AK1"
        ? AWSStub.text(400, #"{"__type":"ExpiredTokenException","message":"TopSecretPayload"}"#)
        : AWSStub.text(200, "{}")
    }
    let context = context(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(agent.url)/"])
    let client = try client(stub, context)
    #expect(try await call(client, context).status == 200)
    #expect(stub.requests.all.map(\.accessKey) == ["AK1", "AK2"])
    stub.become { _ in AWSStub.text(400, #"{"__type":"ExpiredToken"}"#) }
    let failure = await #expect(throws: Failure.self) { try await call(client, context) }
    #expect(failure?.kind == .unauthorized)
    #expect(stub.requests.all.count == 4)
  }

  @Test("where an answer does not say why, other credentials are tried once", arguments: [400, 403])
  func endedWithoutReason(status: Int) async throws {
    let agent = try agent()
    // As S3 answers HEAD. The clock of the test is behind, which the first refusal tells.
    let stub = try AWSStub { AWSStub.text($0.accessKey == "AK1" ? status : 200, "") }
    let context = context(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(agent.url)/"])
    let client = try client(stub, context)
    _ = try? await call(client, context)
    #expect(try await call(client, context).status == 200)
    #expect(stub.requests.all.map(\.accessKey) == ["AK1", "AK1", "AK1", "AK2"])
    stub.become { _ in AWSStub.text(status, "") }
    await #expect(throws: Failure.self) { try await call(client, context) }
    #expect(stub.requests.all.count == 6)
    // While there are no others, those that there are are not given up.
    agent.become { _ in AWSStub.text(500, "") }
    await #expect(throws: Failure.self) { try await call(client, context) }
    stub.become { _ in AWSStub.text(200, "") }
    #expect(try await call(client, context).status == 200)
    #expect(stub.requests.all.suffix(3).map(\.accessKey) == ["AK3", "AK3", "AK3"])
  }

  @Test(
    "errors in JSON and XML, with and without a code, are failures of their kind",
    arguments: [
      (
        400, #"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"TopSecretPayload"}"#, "QueueDoesNotExist",
        .unavailable
      ),
      (400, #"{"__type":"RequestThrottled"}"#, "RequestThrottled", .overloaded),
      (503, "<Error><Code>SlowDown</Code><RequestId>4711</RequestId></Error>", "SlowDown", .overloaded),
      (403, "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "AccessDenied", .unauthorized),
      (500, "", "", .unavailable), (503, "<html>", "", .unavailable), (429, "", "", .overloaded),
      (
        403,
        "<?xml version=\"1.0\"?>\n<ErrorResponse xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\"><Error><Type>Sender</Type>"
          + "<Code>AccessDenied</Code></Error><RequestId>4711</RequestId></ErrorResponse>", "AccessDenied",
        .unauthorized
      ),
      (
        400, "<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>", "AuthFailure",
        .unauthorized
      ),
      (503, "<Error><Code>SlowDown</Code>", "", .unavailable),
      (503, String(repeating: "<a>", count: 50_000), "", .unavailable),
      (400, "", "", .rejected), (404, "{\"__type\": 7}", "", .rejected), (400, "<Code>a b</Code>", "", .rejected),
      (400, "<Code><!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;</Code>", "", .rejected),
      (301, "", "", .rejected), (400, "{\"__type\":\"" + String(repeating: "x", count: 5000) + "\"}", "", .rejected),
    ] as [(Int, String, String, Failure.Kind)])
  func errors(status: Int, body: String, code: String, kind: Failure.Kind) async throws {
    let stub = try AWSStub { _ in AWSStub.text(status, body) }
    let context = context(keys)
    let client = try client(stub, context)
    let failure = try #require(await #expect(throws: Failure.self) { try await call(client, context) })
    #expect(failure.kind == kind)
    let error = try #require(failure.cause as? AWSServiceError)
    #expect(error.code == code && error.status == status)
    #expect(!failure.reason.contains("TopSecret"))
  }

  @Test("no secret is in a failure, in a log line, or in what is sent")
  func secrets() async throws {
    let stub = try AWSStub { _ in AWSStub.text(403, #"{"__type":"AccessDenied"}"#) }
    let context = context(keys)
    let client = try client(stub, context)
    let failure = await #expect(throws: Failure.self) { try await call(client, context) }
    #expect(!"\(failure.map { "\($0)" } ?? "")\(log.lines.all)".contains("TopSecretKey"))
    #expect(!"\(log.lines.all)".contains("TopToken"))
    let sent = try #require(stub.requests.all.first)
    #expect(sent.headers["x-amz-security-token"] == "TopToken")
    #expect(!sent.headers.contains { $0.value.contains("TopSecretKey") })
  }

  @Test("connections of several tenants have credentials of their own, those of one share them")
  func tenants() throws {
    let one = context(keys)
    let loader = ComponentLoader([])
    func connection(_ options: Configuration) throws -> AWSConnection {
      try AWSClient(loader.option(AWSOptions.self, options), service: "sqs", one).connection
    }
    let first = try connection(["region": "eu-central-1", "profile": "a"])
    let same = try connection(["region": "eu-central-1", "profile": "a", "endpoint": "http://127.0.0.1:1"])
    let other = try connection(["region": "eu-central-1", "profile": "b"])
    #expect(first === same)
    #expect(first !== other)
  }

  @Test("options that contradict each other are reported")
  func options() throws {
    let loader = ComponentLoader([])
    let wrong: [Configuration] = [
      ["access_key": "A"], ["secret_key": "${env:HOME}"], ["session_token": "${env:HOME}"],
      ["access_key": "A", "secret_key": "${env:HOME}", "profile": "p"], ["endpoint": "ftp://x"],
      ["endpoint": "http://u@h"], ["endpoint": "http://h/?a"], ["region": "eu central"],
      ["assume_role": ["role": "care"]], ["secret_key": "written"],
      ["assume_role": ["role": "arn:aws:iam::1:role/a", "duration": "1s"]],
    ]
    for options in wrong {
      #expect(throws: Diagnostics.self) { try loader.option(AWSOptions.self, options) }
    }
  }
}
