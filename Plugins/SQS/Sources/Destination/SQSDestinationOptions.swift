internal import Omnibus
internal import OmnibusAWS
internal import OmnibusExpression

/// The options of `to: sqs`.
struct SQSDestinationOptions: Options {
  @Option(help: "the name of the queue, or its address", check: QueueName.problem)
  var queue: String

  @Option(
    help: "make the queue where it is not there, with one for its dead letters where that is named",
    default: "it must be there")
  var create: QueueCreation? = nil

  @Option(
    help: "the group of the message, within which a queue that keeps the order does so",
    default: "the route, so that all keep their order")
  var group: TextTemplate? = nil

  @Option(
    help: "what names the message, so that it is taken once within five minutes by a queue that keeps the order",
    default: "the message's id with route and step")
  var deduplication: TextTemplate? = nil

  @Option(help: "the attributes to send beside content-type and the trace context; ten in all", default: "none")
  var attributes: OptionMap<TextTemplate> = OptionMap()

  @Option(
    help: "how long the message is hidden at first; not in a queue that keeps the order",
    range: .zero...Duration.seconds(900))
  var delay: Duration = .zero

  @Option(help: "how many messages go in one request at the most", range: 1...10)
  var batch: Int = 10

  @Option(
    help: "how many bytes go in one request at the most, and so the largest message; SQS takes 1MiB",
    range: ByteSize(bytes: 1 << 10)...ByteSize(bytes: 16 << 20))
  var batchBytes: ByteSize = ByteSize(bytes: 256 << 10)

  @Option(
    help: "how long a message waits for others to go with; at 0ms it waits while another request is under way only",
    range: .zero...Duration.seconds(60))
  var linger: Duration = .zero

  @Option(help: "how long a request may take", check: isPositive)
  var timeout: Duration = .seconds(30)

  var aws = AWSOptions()

  func validate(_ node: Node, in scope: LoadScope) {
    aws.validate(node, in: scope)
    QueueCreation.validate(queue, create, isSource: false, node, in: scope)
    for (key, _) in node["attributes"]?.entries ?? [] {
      let name = key.text ?? ""
      guard let problem = MessageAttributes.problem(name) else { continue }
      scope.report("invalid-option", at: key.location, "\(scope.subject).attributes: \"\(name)\" \(problem)")
    }
    if attributes.entries.count > MessageAttributes.most {
      scope.report(
        "invalid-option", at: node["attributes"]?.location ?? node.location,
        "\(scope.subject): attributes has \(attributes.entries.count), at most \(MessageAttributes.most) go with a message"
      )
    }
    let isOrdered = queue.hasSuffix(".fifo")
    if !isOrdered, let place = node["deduplication"]?.location {
      scope.report(
        "conflicting-options", at: place,
        "\(scope.subject): deduplication is for queues that keep the order, whose names end in .fifo")
    }
    if isOrdered, delay > .zero {
      scope.report(
        "conflicting-options", at: node["delay"]?.location ?? node.location,
        "\(scope.subject): a queue that keeps the order takes no delay for one message")
    }
  }
}
