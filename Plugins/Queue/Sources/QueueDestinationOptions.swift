internal import Omnibus
internal import OmnibusExpression

/// The options of `to: queue`.
struct QueueDestinationOptions: Options {
  @Option(help: "the queue", check: QueueName.problem)
  var name: String

  @Option(
    help: "messages with the same text or whole number here are worked on one at a time, in their order",
    default: "none, whoever is free takes the next")
  var orderBy: Selection? = nil

  @Option(help: "how long the message waits before it can be taken", default: "none")
  var delay: DurationTemplate? = nil

  @Option(help: "the largest body; a larger one is refused as invalid, and a stream is read into memory up to it")
  var maxBody: ByteSize = ByteSize(bytes: 16 << 20)
}
