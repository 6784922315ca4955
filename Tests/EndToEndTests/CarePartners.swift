import Foundation
import OmnibusTesting
import Testing

/// All of `Routes/care`, served by the program with AWS, a broker and an API of its own, and a partner who uses it.
final class CarePartners: Sendable {
  let aws: MotoServer
  let folder: TemporaryDirectory
  let program: RunningProgram
  let listen: String
  /// What a partner does.
  let partner: Partner

  /// Starts the program in `folder`, where the keys are too, and waits until it serves. The broker is one that is not there,
  /// where none is named.
  init(
    aws: MotoServer, api: String, broker: String = "amqp://127.0.0.1:9",
    folder: TemporaryDirectory = TemporaryDirectory(),
    settings: [String: String] = [:]
  ) async throws {
    self.aws = aws
    self.folder = folder
    for name in ["inbound", "outbound", "failed", "referrals"] { folder.write("\(name)/.keep", "") }
    listen = "127.0.0.1:\(try FreePort.find())"
    let keys = "\(folder.path)/keys"
    partner = Partner(aws: aws, keys: keys, url: "http://\(listen)")
    if folder.read("keys/partner.asc") == nil {
      try await partner("keys")
      try await partner("setup")
    }
    let environment = [
      "CARE_DATA": folder.path, "CARE_LISTEN": listen, "CARE_API_URL": api, "CARE_KEYS": keys,
      "CARE_BROKER_URL": broker, "CARE_POLL": "200ms", "CARE_INTAKE_BACKOFF": "1s", "CARE_INTAKE_VISIBILITY": "10s",
    ]
    let program = try RunningProgram(
      Project.program,
      [
        "run", Project.file("Routes/care").path, "--config", Project.file("omnibus.yaml").path, "--log-format", "json",
      ],
      environment: environment.merging(Partner.environment(of: aws)) { $1 }.merging(settings) { $1 })
    self.program = program
    let isReady = try await eventually {
      program.output.contains("\"ready\"") || !program.isRunning
    }
    try #require(isReady && program.isRunning, "the program does not start: \(program.output)")
  }

  /// How many messages are in the queue.
  func waiting(in queue: String) async throws -> Int? {
    try await partner.object("queues")[queue] as? Int
  }

  /// The texts of the error file of a file in the bucket, line by line.
  func lines(of object: String) async throws -> [String] {
    let text = try #require(try await partner.object("fetch", "--key", object)["text"] as? String)
    return text.split(whereSeparator: \.isNewline).map(String.init)
  }
}

/// A partner of the home-care provider: `Routes/care/partners/tools/partner.py`.
struct Partner: Sendable {
  private let aws: MotoServer?
  private let keys: String
  private let url: String
  private let interpreter: String?

  /// A partner who knows the provider at `url`.
  init(aws: MotoServer?, keys: String, url: String = "", interpreter: String? = MotoServer.interpreter) {
    self.aws = aws
    self.keys = keys
    self.url = url
    self.interpreter = interpreter
  }

  /// The same partner, who uses another Python.
  func with(_ interpreter: String?) -> Partner { Partner(aws: aws, keys: keys, url: url, interpreter: interpreter) }

  /// The variables by which AWS is found.
  static func environment(of aws: MotoServer) -> [String: String] {
    [
      "AWS_ENDPOINT_URL": aws.url, "AWS_ACCESS_KEY_ID": aws.accessKey, "AWS_SECRET_ACCESS_KEY": aws.secretKey,
      "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1",
    ]
  }

  /// Runs a command, and gives what it prints, a JSON document.
  @discardableResult
  func callAsFunction(_ command: String, _ arguments: String...) async throws -> Any {
    try await run(command, arguments)
  }

  /// Runs a command that prints an object.
  func object(_ command: String, _ arguments: String...) async throws -> [String: Any] {
    try #require(try await run(command, arguments) as? [String: Any])
  }

  /// Runs a command that prints a list of texts.
  func texts(_ command: String, _ arguments: String...) async throws -> [String] {
    try #require(try await run(command, arguments) as? [String])
  }

  /// Runs a command that prints a list of objects.
  func objects(_ command: String, _ arguments: String...) async throws -> [[String: Any]] {
    try #require(try await run(command, arguments) as? [[String: Any]])
  }

  private func run(_ command: String, _ arguments: [String]) async throws -> Any {
    let script = Project.file("Routes/care/partners/tools/partner.py").path
    let program = try RunningProgram(
      interpreter ?? "/usr/bin/python3", [script, command, "--url", url, "--keys", keys] + arguments,
      environment: aws.map(Self.environment) ?? [:], input: .nothing)
    try #require(try await program.end(within: .seconds(240)) == 0, "the partner says: \(program.output)")
    return try JSONSerialization.jsonObject(with: Data(program.output.utf8))
  }
}
