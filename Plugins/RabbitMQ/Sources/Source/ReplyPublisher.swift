internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Sends replies to those who asked for one, over a connection of its own that begins with the first.
final class ReplyPublisher: Sendable {
  private static let timeout = Duration.seconds(10)

  private let settings: PublishSettings
  private let context: Context
  private let publisher = Mutex<Publisher?>(nil)

  init(_ broker: Broker, _ options: RabbitMQSourceOptions, _ context: Context) {
    self.context = context
    settings = PublishSettings(
      broker: broker, topology: TopologyOptions(), exchange: "", isMandatory: true, window: 1000,
      timeout: Self.timeout, maxReply: nil)
  }

  /// Sends the message as the reply. The work is done whether it arrives or not: who asked may have gone, and a reply
  /// that is lost is theirs to ask for again.
  func send(_ message: inout Message, to queue: String, _ correlation: String?) async {
    do {
      let publisher = try existing()
      var properties = MessageProperties()
      properties.contentType = message.contentType
      properties.correlationID = correlation
      properties.messageID = "\(message.id)"
      if case .stream(let stream) = message.body { message.body = .bytes(try await stream.collect(limit: 16 << 20)) }
      let publication = try Publication(
        key: queue, properties, body: message.bodyBytes(), name: "\(message.id)", deadline: publisher.deadline)
      _ = try await publisher.publish(publication)
    } catch {
      let failure = Failure(error)
      context.logger.notice(
        "a reply could not be delivered",
        metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.loggedReason)"])
    }
  }

  private func existing() throws -> Publisher {
    try publisher.withLock { publisher in
      if let publisher { return publisher }
      let made = try Publisher(settings, context)
      publisher = made
      return made
    }
  }
}
