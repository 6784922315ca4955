internal import Omnibus
internal import OmnibusAWS

/// The option `notifications` of `from: s3`.
struct NotificationOptions: Options {
  @Option(
    help: "the name of the queue of SQS that the bucket's events go to, or its address",
    check: { $0.isEmpty || $0.contains("://") && AWSEndpoint($0) == nil ? "is no queue" : nil })
  var queue: String

  @Option(help: "how long to wait for events while there are none", range: .seconds(1)...Duration.seconds(20))
  var wait: Duration = .seconds(20)
}
