internal import Omnibus

/// Publishes messages as requests, and takes the replies (rabbitmq.com, "Direct Reply-to"): body and content type replace
/// those of the message.
struct RabbitMQRequest: PublishingStep {
  private let outbound: OutboundMessage
  let publisher: Publisher
  private let metrics: PublishMetrics

  init(_ options: RabbitMQDestinationOptions, _ context: Context) throws {
    outbound = OutboundMessage(options)
    publisher = try Publisher(options.settings(context, maxReply: options.maxBody.bytes), context)
    metrics = PublishMetrics(context, publisher)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    // A number of its own for each attempt: a late reply to a former one is none to this.
    let correlation = "\(MessageID())"
    if case .stream = message.body { try await outbound.collect(&message) }
    let publication = try outbound.make(
      &message, context, deadline: publisher.deadline, correlation: correlation)
    guard let reply = try await publisher.publish(publication) else {
      throw Failure(.internal, "a request has ended without a reply")
    }
    metrics.published.add()
    guard let properties = ReceivedProperties(reply.properties) else {
      throw Failure(.invalid, "the reply's properties are not as the protocol has them")
    }
    message.body = reply.body.isEmpty ? .empty : .bytes(reply.body)
    message.contentType = properties.headers["content-type"]
    message.properties[context.step] = .map(
      ValueMap([
        ("message_id", properties.messageID.map(Value.string) ?? .null), ("headers", .map(properties.table)),
      ]))
    return .next
  }
}
