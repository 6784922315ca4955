internal import Omnibus

/// The options of `from: queue`.
struct QueueSourceOptions: Options {
  @Option(help: "the queue", check: QueueName.problem)
  var name: String

  @Option(
    help: "how many messages to work on at once; with more than one only those of the same order_by keep their order",
    range: 1...1_000)
  var concurrency: Int = 1

  @Option(
    help:
      "how often a message is worked on at the most; then it is a dead letter, as is one that would fail again at once",
    range: 1...1_000_000)
  var attempts: Int = 40

  @Option(help: "how long a message that failed waits before it comes again")
  var backoff: QueueBackoffOptions = QueueBackoffOptions()

  @Option(
    help: "how long after the engine was killed a message comes again that was being worked on",
    range: .seconds(1)...Duration.seconds(86_400))
  var lease: Duration = .seconds(60)
}

/// The option `backoff` of `from: queue`.
struct QueueBackoffOptions: Options {
  @Option(help: "the wait after the first attempt")
  var initial: Duration = .seconds(1)

  @Option(help: "what the wait is multiplied by each time", range: 1...1_000)
  var factor: Double = 2

  @Option(help: "the longest wait")
  var max: Duration = .seconds(300)

  @Option(help: "how much of the wait is left to chance: nothing, a half, or all of it")
  var jitter: Backoff.Jitter = .equal

  /// The waits that the options describe.
  var backoff: Backoff {
    Backoff(
      initial: initial, growth: .exponential(factor: factor), max: max, jitter: jitter)
  }
}
