internal import Omnibus

/// Publishes messages; the await is the broker's confirm.
struct RabbitMQDestination: PublishingStep {
  private let outbound: OutboundMessage
  let publisher: Publisher
  private let metrics: PublishMetrics

  init(_ options: RabbitMQDestinationOptions, _ context: Context) throws {
    outbound = OutboundMessage(options)
    publisher = try Publisher(options.settings(context, maxReply: nil), context)
    metrics = PublishMetrics(context, publisher)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    if case .stream = message.body { try await outbound.collect(&message) }
    let publication = try outbound.make(&message, context, deadline: publisher.deadline)
    _ = try await publisher.publish(publication)
    metrics.published.add()
    return .next
  }
}

extension RabbitMQDestinationOptions {
  /// How the thread publishes, and what replies it takes.
  func settings(_ context: Context, maxReply: Int?) -> PublishSettings {
    PublishSettings(
      broker: server.broker(context), topology: server.declare, exchange: exchange, isMandatory: mandatory,
      window: window,
      timeout: timeout, maxReply: maxReply)
  }
}
