internal import Omnibus

/// What is counted of a destination.
struct PublishMetrics: Sendable {
  let published: Counter
  private let blocked: Observation

  init(_ context: Context, _ publisher: Publisher) {
    let labels = [(name: "route", value: context.route), (name: "step", value: context.step)]
    published = context.metrics.counter(
      "omnibus_rabbitmq_published_total", "Messages that a broker has confirmed, or answered.", labels)
    blocked = context.metrics.observe(
      "omnibus_rabbitmq_blocked", "Whether the broker takes no messages for now: 1 where it does not.", labels
    ) { [weak publisher] in publisher.map { $0.condition.now.isBlocked ? 1 : 0 } }
  }
}
