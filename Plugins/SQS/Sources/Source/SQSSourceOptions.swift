internal import Omnibus
internal import OmnibusAWS

/// The options of `from: sqs`.
struct SQSSourceOptions: Options {
  @Option(help: "the name of the queue, or its address", check: QueueName.problem)
  var queue: String

  @Option(help: "make the queue, and one for its dead letters, where it is not there", default: "it must be there")
  var create: QueueCreation? = nil

  @Option(
    help: "how many messages to work on at once; of one group of a queue that keeps the order it is one",
    range: 1...1_000)
  var concurrency: Int = 10

  @Option(help: "how long to wait for messages while there are none", range: .zero...Duration.seconds(20))
  var wait: Duration = .seconds(20)

  @Option(
    help: "how long a message that failed is hidden before it comes again", default: "as long as it happens to be")
  var backoff: RedeliveryOptions? = nil

  @Option(
    help: "what the bodies are whose messages have no attribute content-type, such as application/json",
    default: "not said")
  var contentType: String? = nil

  @Option(help: "how long a call may take, beside the time that it waits for messages", check: isPositive)
  var timeout: Duration = .seconds(30)

  var aws = AWSOptions()

  func validate(_ node: Node, in scope: LoadScope) {
    aws.validate(node, in: scope)
    QueueCreation.validate(queue, create, isSource: true, node, in: scope)
  }
}

/// The option `backoff` of `from: sqs`.
struct RedeliveryOptions: Options {
  @Option(help: "the wait after the first time", range: .seconds(1)...Duration.seconds(43_200))
  var initial: Duration = .seconds(10)

  @Option(help: "what the wait is multiplied by each time", range: 1...1_000)
  var factor: Double = 2

  @Option(help: "the longest wait", range: .seconds(1)...Duration.seconds(43_200))
  var max: Duration = .seconds(900)

  /// The waits that the options describe.
  var backoff: Backoff { Backoff(initial: initial, growth: .exponential(factor: factor), max: max, jitter: .equal) }
}

/// What is wrong with a time that has to pass; nil for nothing.
@Sendable func isPositive(_ duration: Duration) -> String? { duration > .zero ? nil : "must be more than zero" }
