public import Omnibus

/// The option `create`: how a queue is made that is not there.
public struct QueueCreation: Options {
  /// How a queue is made, once it is known what it is made for.
  public struct Terms: Sendable {
    let options: QueueCreation
    /// The queue for messages that were received too often; nil for none.
    let deadLetterQueue: String?
  }

  /// What stands for no dead-letter queue.
  private static let none = "none"

  /// The queue for messages that were received too often; `none` for none.
  @Option(
    help: "the queue for messages that were received too often, which is made, too; none for none",
    default: "for a source the name with -dead, for a destination none", check: QueueName.problem(ofName:))
  public var deadLetterQueue: String? = nil

  /// How often a message is received before it goes to the dead-letter queue.
  @Option(help: "how often a message is received before it goes to the dead-letter queue", range: 1...1000)
  public var maxReceives: Int = 5

  /// How long the queue keeps messages.
  @Option(help: "how long the queue keeps messages", range: .seconds(60)...Duration.seconds(1_209_600))
  public var retention: Duration = .seconds(4 * 86_400)

  /// How long the dead-letter queue keeps messages.
  @Option(help: "how long the dead-letter queue keeps messages", range: .seconds(60)...Duration.seconds(1_209_600))
  public var deadLetterRetention: Duration = .seconds(3 * 86_400)

  /// How long a message is hidden from others when it was received.
  @Option(
    help: "how long a message is hidden from others when it was received", range: .seconds(1)...Duration.seconds(43_200)
  )
  public var visibilityTimeout: Duration = .seconds(30)

  /// Options with their defaults.
  public init() {}

  /// How `queue` is made: by who takes its messages with a dead-letter queue unless it says otherwise, by who sends to it
  /// only where it says so.
  public func terms(for queue: String, isSource: Bool) -> Terms {
    let usual = isSource ? QueueName.deadLetters(of: queue) : nil
    return Terms(options: self, deadLetterQueue: deadLetterQueue == Self.none ? nil : deadLetterQueue ?? usual)
  }

  /// Reports what keeps `queue` from being made as it is written.
  public static func validate(
    _ queue: String, _ creation: QueueCreation?, isSource: Bool, _ node: Node, in scope: LoadScope
  ) {
    guard let creation, let written = node["create"] else { return }
    if queue.contains("://") {
      scope.report(
        "conflicting-options", at: written.location,
        "\(scope.subject): a queue that is made has a name, and no address yet",
        help: "write queue: \(queue.split(separator: "/").last ?? "orders")")
      return
    }
    guard let letters = creation.terms(for: queue, isSource: isSource).deadLetterQueue else {
      for name in ["max_receives", "dead_letter_retention"] {
        guard let place = written[name]?.location else { continue }
        scope.report(
          "conflicting-options", at: place, "\(scope.subject): \(name) has no meaning without a dead-letter queue",
          help: "write dead_letter_queue: \(QueueName.deadLetters(of: queue)), or leave \(name) out")
      }
      return
    }
    guard letters.hasSuffix(".fifo") != queue.hasSuffix(".fifo") else { return }
    scope.report(
      "conflicting-options", at: written.location,
      "\(scope.subject): of a queue and its dead-letter queue both keep the order, by names with .fifo, or none")
  }

  var attributesOfDeadLetters: [(String, Value)] {
    [("MessageRetentionPeriod", .string("\(deadLetterRetention.components.seconds)"))]
  }

  /// The attributes of the queue whose dead letters go to the queue with the ARN, where there is one.
  func attributes(deadLetters arn: String?) throws(Failure) -> [(String, Value)] {
    var attributes: [(String, Value)] = [
      ("MessageRetentionPeriod", .string("\(retention.components.seconds)")),
      ("VisibilityTimeout", .string("\(visibilityTimeout.components.seconds)")),
    ]
    if let arn {
      let policy = ValueMap([("deadLetterTargetArn", .string(arn)), ("maxReceiveCount", .string("\(maxReceives)"))])
      attributes.append(("RedrivePolicy", .string(String(decoding: try Value.map(policy).jsonBytes(), as: UTF8.self))))
    }
    return attributes
  }
}
