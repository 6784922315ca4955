import Omnibus
import OmnibusAWS
import OmnibusCrypto
import OmnibusTesting

@testable import S3Plugin

/// Components that speak to moto.
struct MotoPeer: Sendable {
  /// A source that runs until it is stopped.
  struct Running: Sendable {
    let clock: ManualClock
    let stop: StopSignal
    let log: LogRecorder
    let task: Task<Void, any Error>

    /// Waits while time goes on.
    func settles(_ condition: () -> Bool) async throws -> Bool {
      try await eventually {
        if condition() { return true }
        clock.advance(by: .seconds(1))
        return false
      }
    }
  }

  private let url: String
  private let services: Services

  init(_ moto: MotoServer, secretKey: String? = nil) {
    url = moto.url
    var services = Services()
    services[AWSEnvironment.self] = AWSEnvironment { name in
      switch name {
      case "AWS_ACCESS_KEY_ID": moto.accessKey
      case "AWS_SECRET_ACCESS_KEY": secretKey ?? moto.secretKey
      case "AWS_REGION": "eu-central-1"
      default: nil
      }
    }
    self.services = services
  }

  func send(_ body: Body, to key: String, _ options: [(String, Configuration)]) async throws {
    let context = Context.testing(services: services)
    let all: [(String, Configuration)] = [("bucket", "care"), ("key", "\(key)"), ("endpoint", "\(url)")]
    let made = try ComponentLoader([.s3], context: context)
      .make(.destination, "s3", Configuration(entries: all + options))
    guard case .step(let step) = made else { throw Failure(.internal, "expected a step") }
    var message = Message(body: body)
    _ = try await step.process(&message, context)
  }

  func source(
    _ prefix: String, _ done: Configuration, _ options: [String: Configuration] = [:],
    _ work: @escaping @Sendable (Message) async throws -> Void
  ) async throws -> Running {
    let (clock, log, stop) = (ManualClock(), LogRecorder(), StopSignal())
    let context = Context.testing(clock: clock, log: log, services: services)
    let all: [(String, Configuration)] = [
      ("bucket", "care"), ("prefix", "\(prefix)"), ("done", done), ("endpoint", "\(url)"),
    ]
    let made = try ComponentLoader([.s3], context: context)
      .make(.source, "s3", Configuration(entries: all + options.map { ($0.key, $0.value) }))
    guard case .source(let source) = made else { throw Failure(.internal, "expected a source") }
    try await source.prepare()
    let deliver = Deliver.testing(context: context, stop: stop) { message in
      try await work(message)
      return .next
    }
    return Running(clock: clock, stop: stop, log: log, task: Task { try await source.run(deliver) })
  }
}

/// The SHA-256 of bytes.
func sha256(_ bytes: [UInt8]) -> [UInt8] { SHA256.digest(bytes) }
