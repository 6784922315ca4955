internal import Omnibus

/// The options of `from: rabbitmq`.
struct RabbitMQSourceOptions: Options {
  /// The broker, which several uses share by a connection.
  let server = BrokerOptions()

  @Option(help: "the queue", check: { $0.isEmpty ? "must not be empty" : ShortText.problem($0) })
  var queue: String

  @Option(
    help: "how many messages to work on at once; with more than one they may overtake each other", range: 1...10_000)
  var concurrency: Int = 1

  @Option(
    help: "how many messages the broker hands out before the first of them is settled", default: "twice concurrency",
    check: { $0.map { (1...65_535).contains($0) } ?? true ? nil : "is from 1 to 65535" })
  var prefetch: Int? = nil

  @Option(
    help: "how often a message is worked on at the most; then it is rejected, as is one that would fail again at once",
    range: 1...1_000_000)
  var attempts: Int = 40

  @Option(help: "how long a message that failed is held before it goes back to the queue")
  var backoff: RedeliveryOptions = RedeliveryOptions()

  @Option(help: "the largest body; a message with a larger one is rejected")
  var maxBody: ByteSize = ByteSize(bytes: 16 << 20)

  /// How many messages the broker hands out.
  var handedOut: Int { prefetch ?? min(concurrency * 2, 65_535) }

  func validate(_ node: Node, in scope: LoadScope) {
    guard let prefetch, prefetch < concurrency else { return }
    scope.report(
      "conflicting-options", at: node["prefetch"]?.location ?? node.location,
      "\(scope.subject): prefetch \(prefetch) keeps concurrency \(concurrency) from being reached",
      help: "write prefetch: \(concurrency), or leave it out")
  }
}

/// The option `backoff` of `from: rabbitmq`.
struct RedeliveryOptions: Options {
  @Option(help: "how long the first time")
  var initial: Duration = .seconds(1)

  @Option(help: "what that is multiplied by each time", range: 1...1_000)
  var factor: Double = 2

  @Option(
    help: "the longest time; a broker takes a message back that is held for half an hour",
    range: .zero ... .seconds(1500))
  var max: Duration = .seconds(60)

  /// The waits that the options describe.
  var backoff: Backoff { Backoff(initial: initial, growth: .exponential(factor: factor), max: max, jitter: .equal) }
}
