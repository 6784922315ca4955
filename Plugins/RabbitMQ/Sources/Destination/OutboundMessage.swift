internal import Omnibus
internal import OmnibusExpression

/// Makes what is published of a message.
struct OutboundMessage: Sendable {
  private let options: RabbitMQDestinationOptions

  init(_ options: RabbitMQDestinationOptions) { self.options = options }

  /// The message as it is sent, known by `correlation` where it is a request. Fails as `invalid` where something of it
  /// does not fit the protocol.
  func make(
    _ message: inout Message, _ context: Context, deadline: UInt64, correlation: String? = nil
  ) async throws -> Publication {
    if case .stream(let stream) = message.body {
      // Who comes after this step reads the body, too.
      message.body = .bytes(try await stream.collect(limit: options.maxBody.bytes))
    }
    var properties = try properties(&message, context)
    let body = try message.bodyBytes()
    guard body.count <= options.maxBody.bytes else {
      throw Failure(.invalid, "the body is larger than \(options.maxBody.bytes) bytes")
    }
    let key = try options.routingKey.evaluate(&message, context)
    if let correlation {
      properties.correlationID = correlation
      properties.replyTo = "amq.rabbitmq.reply-to"
    }
    return try Publication(
      key: key, properties, body: body, name: correlation ?? properties.messageID ?? "", deadline: deadline)
  }

  private func properties(_ message: inout Message, _ context: Context) throws(Failure) -> MessageProperties {
    let written = options.properties
    var properties = MessageProperties()
    properties.contentType = message.contentType ?? message.body.mediaType
    properties.isPersistent = options.persistent
    properties.expiration = try expiration(for: &message, context)
    properties.messageID =
      try written.messageId?.evaluate(&message, context) ?? Self.name(message, context)
    properties.correlationID = try written.correlationId?.evaluate(&message, context)
    properties.replyTo = try written.replyTo?.evaluate(&message, context)
    properties.type = try written.type?.evaluate(&message, context)
    properties.contentEncoding = try written.contentEncoding?.evaluate(&message, context)
    properties.userID = try written.userId?.evaluate(&message, context)
    properties.appID = try written.appId?.evaluate(&message, context)
    if let priority = try written.priority?.evaluate(&message, context) {
      guard let number = UInt8(priority) else {
        throw Failure(.invalid, "the priority is no whole number from 0 to 255")
      }
      properties.priority = number
    }
    properties.timestamp = try written.timestamp.map { template throws(Failure) in
      try Self.seconds(try template.evaluate(&message, context))
    }
    for (name, value) in options.headers.entries {
      properties.headers.append((name, try value.evaluate(&message, context)))
    }
    if let trace = message.trace, !properties.headers.contains(where: { $0.0.lowercased() == "traceparent" }) {
      properties.headers.append(("traceparent", .string(trace.parent)))
      if !trace.state.isEmpty { properties.headers.append(("tracestate", .string(trace.state))) }
    }
    return properties
  }

  /// How long the message stays, as the broker takes it: in whole milliseconds (rabbitmq.com, "Time-To-Live and
  /// Expiration").
  private func expiration(for message: inout Message, _ context: Context) throws(Failure) -> String? {
    guard let template = options.expiration else { return nil }
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
