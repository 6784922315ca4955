internal import Omnibus
internal import OmnibusExpression

/// Makes what is published of a message. An object, as each message asks for it: a copy of the options would count as many
/// references.
final class OutboundMessage: Sendable {
  private typealias Text = (
    property: any WritableKeyPath<MessageProperties, String?> & Sendable, template: TextTemplate
  )

  private let texts: [Text]
  private let isPersistent: Bool
  private let maxBody: Int
  private let routingKey: TextTemplate
  private let expiration: DurationTemplate?
  private let priority: TextTemplate?
  private let timestamp: Template?
  private let headers: [(String, Template)]

  init(_ options: RabbitMQDestinationOptions) {
    let written = options.properties
    let texts: [(any WritableKeyPath<MessageProperties, String?> & Sendable, TextTemplate?)] = [
      (\.messageID, written.messageId), (\.correlationID, written.correlationId), (\.replyTo, written.replyTo),
      (\.type, written.type), (\.contentEncoding, written.contentEncoding), (\.userID, written.userId),
      (\.appID, written.appId),
    ]
    self.texts = texts.compactMap { property, template in template.map { (property, $0) } }
    isPersistent = options.persistent
    maxBody = options.maxBody.bytes
    routingKey = options.routingKey
    expiration = options.expiration
    (priority, timestamp) = (written.priority, written.timestamp)
    headers = options.headers.entries.map { ($0.0, $0.1) }
  }

  /// Reads a body that is a stream into memory. Fails as `invalid` where it is too large.
  func collect(_ message: inout Message) async throws {
    // Who comes after this step reads the body, too.
    guard case .stream(let stream) = message.body else { return }
    message.body = .bytes(try await stream.collect(limit: maxBody))
  }

  /// The message as it is sent, known by `correlation` where it is a request; its body is no stream. Fails as `invalid`
  /// where something of it does not fit the protocol.
  func make(
    _ message: inout Message, _ context: Context, deadline: UInt64, correlation: String? = nil
  ) throws -> Publication {
    var properties = try properties(&message, context)
    let body = try message.bodyBytes()
    guard body.count <= maxBody else { throw Failure(.invalid, "the body is larger than \(maxBody) bytes") }
    let key = try routingKey.evaluate(&message, context)
    if let correlation {
      properties.correlationID = correlation
      properties.replyTo = "amq.rabbitmq.reply-to"
    }
    return try Publication(
      key: key, properties, body: body, name: correlation ?? properties.messageID ?? "", deadline: deadline)
  }

  private func properties(_ message: inout Message, _ context: Context) throws(Failure) -> MessageProperties {
    var properties = MessageProperties()
    properties.contentType = message.contentType ?? message.body.mediaType
    properties.isPersistent = isPersistent
    properties.expiration = try expiration(for: &message, context)
    for (property, template) in texts { properties[keyPath: property] = try template.evaluate(&message, context) }
    if properties.messageID == nil { properties.messageID = Self.name(message, context) }
    if let priority = try priority?.evaluate(&message, context) {
      guard let number = UInt8(priority) else {
        throw Failure(.invalid, "the priority is no whole number from 0 to 255")
      }
      properties.priority = number
    }
    properties.timestamp = try timestamp.map { template throws(Failure) in
      try Self.seconds(try template.evaluate(&message, context))
    }
    for (name, value) in headers { properties.headers.append((name, try value.evaluate(&message, context))) }
    if let trace = message.trace, !properties.headers.contains(where: { $0.0.lowercased() == "traceparent" }) {
      properties.headers.append(("traceparent", .string(trace.parent)))
      if !trace.state.isEmpty { properties.headers.append(("tracestate", .string(trace.state))) }
    }
    return properties
  }

  /// How long the message stays, as the broker takes it: in whole milliseconds (rabbitmq.com, "Time-To-Live and
  /// Expiration").
  private func expiration(for message: inout Message, _ context: Context) throws(Failure) -> String? {
    guard let template = expiration else { return nil }
    guard let duration = try template.evaluate(&message, context), Milliseconds.problem(duration) == nil else {
      throw Failure(.invalid, "the expiration is no duration from 0s to 4000000s, such as duration(\"10s\") makes")
    }
    return String(Milliseconds.of(duration))
  }

  /// A moment as the protocol has it, which is in whole seconds.
  private static func seconds(_ value: Value) throws(Failure) -> UInt64 {
    let seconds: Int64? =
      switch value.resolved {
      case .timestamp(let time): time.seconds
      case .int(let number): number
      default: nil
      }
    guard let seconds, let number = UInt64(exactly: seconds) else {
      throw Failure(.invalid, "the timestamp is neither a moment since 1970 nor a number of seconds")
    }
    return number
  }

  /// The same for each attempt to send the message, so that who gets it twice can tell; another for each step, which sends
  /// something else.
  private static func name(_ message: Message, _ context: Context) -> String {
    let id = "\(message.id)"
    let whole = "\(id)/\(context.route)/\(context.step)"
    return whole.utf8.count <= 255 ? whole : id
  }
}

extension Body {
  /// That of a document, which knows its own.
  fileprivate var mediaType: String? { if case .document(let document) = self { document.mediaType } else { nil } }
}
