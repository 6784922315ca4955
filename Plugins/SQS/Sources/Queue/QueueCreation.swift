internal import Omnibus

/// The option `create`: how a queue is made that is not there.
struct QueueCreation: Options {
  @Option(
    help: "the queue for messages that were received too often; it is made, too", default: "the name with -dead",
    check: QueueName.problem(ofName:))
  var deadLetterQueue: String? = nil

  @Option(help: "how often a message is received before it goes to the dead-letter queue", range: 1...1000)
  var maxReceives: Int = 5

  @Option(help: "how long the queue keeps messages", range: .seconds(60)...Duration.seconds(1_209_600))
  var retention: Duration = .seconds(4 * 86_400)

  @Option(help: "how long the dead-letter queue keeps messages", range: .seconds(60)...Duration.seconds(1_209_600))
  var deadLetterRetention: Duration = .seconds(3 * 86_400)

  @Option(
    help: "how long a message is hidden from others when it was received", range: .seconds(1)...Duration.seconds(43_200)
  )
  var visibilityTimeout: Duration = .seconds(30)

  var attributesOfDeadLetters: [(String, Value)] {
    [("MessageRetentionPeriod", .string("\(deadLetterRetention.components.seconds)"))]
  }

  /// The attributes of the queue whose dead letters go to the queue with the ARN.
  func attributes(deadLetters arn: String) throws(Failure) -> [(String, Value)] {
    let policy = ValueMap([("deadLetterTargetArn", .string(arn)), ("maxReceiveCount", .string("\(maxReceives)"))])
    return [
      ("MessageRetentionPeriod", .string("\(retention.components.seconds)")),
      ("VisibilityTimeout", .string("\(visibilityTimeout.components.seconds)")),
      ("RedrivePolicy", .string(String(decoding: try Value.map(policy).jsonBytes(), as: UTF8.self))),
    ]
  }
}
