internal import Omnibus
internal import OmnibusStore

/// What a source counts of its queue.
struct QueueSourceMetrics: Sendable {
  let acknowledged: Counter
  let released: Counter
  let buried: Counter
  let gauges: QueueGauges

  init(_ queue: String, _ access: StoreAccess, _ context: Context) {
    let labels = [(name: "queue", value: queue)]
    acknowledged = context.metrics.counter(
      "omnibus_queue_acknowledged_total", "Messages of a queue that were worked on.", labels)
    released = context.metrics.counter(
      "omnibus_queue_released_total", "Times that a message was given back to its queue, to come again.", labels)
    buried = context.metrics.counter(
      "omnibus_queue_buried_total", "Messages of a queue that became dead letters.", labels)
    gauges = QueueGauges(queue, access, context)
  }
}
