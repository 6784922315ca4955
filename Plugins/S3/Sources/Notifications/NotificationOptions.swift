internal import Omnibus
internal import OmnibusAWS

/// The option `notifications` of `from: s3`.
struct NotificationOptions: Options {
  @Option(
    help: "the name of the queue of SQS that the bucket's events go to, or its address",
    check: QueueName.problem)
  var queue: String

  @Option(help: "how long to wait for events while there are none", range: .seconds(1)...Duration.seconds(20))
  var wait: Duration = .seconds(20)

  /// The address of the service that has the queue, where the queue's own is written: a store of one's own need not have
  /// queues. Nil where it is that of the bucket's options.
  var endpoint: String? {
    guard queue.contains("://"), let written = AWSEndpoint(queue) else { return nil }
    return "\(written.scheme)://\(written.authority)"
  }
}
