internal import Omnibus

/// What a source counts of its queue.
struct SQSMetrics: Sendable {
  let received: Counter
  let deleted: Counter
  let failed: Counter

  init(_ queue: String, _ context: Context) {
    let labels = [(name: "queue", value: queue)]
    received = context.metrics.counter(
      "omnibus_sqs_received_total", "Messages of a queue of SQS that were received.", labels)
    deleted = context.metrics.counter(
      "omnibus_sqs_deleted_total", "Messages of a queue of SQS that were worked on and deleted.", labels)
    failed = context.metrics.counter(
      "omnibus_sqs_failed_total", "Times that the work on a message of a queue of SQS failed.", labels)
  }
}
