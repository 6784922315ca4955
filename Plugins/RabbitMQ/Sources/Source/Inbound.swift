internal import Omnibus

/// A message that the broker has handed out, and the name that it is settled by.
struct Inbound: Sendable {
  /// Names a delivery: its number, and the connection that it came over, after whose end the number means nothing.
  struct Tag: Sendable, Hashable {
    let connection: Int
    let number: UInt64
  }

  let tag: Tag
  let content: Content
}

/// What a delivery of a queue is as a message.
struct InboundMessage {
  /// Where the sender wants a reply, and how it knows it.
  typealias Reply = (queue: String, correlation: String?)

  let message: Message
  /// How often it was handed out before; nil where the broker does not count.
  let deliveries: Int?
  let reply: Reply?

  /// The message of a delivery of `queue`. Fails as `invalid` where its properties are not as the protocol has them, and
  /// where the body is larger than `limit`.
  init(_ content: Content, queue: String, limit: Int) throws(Failure) {
    guard content.size <= UInt64(limit) else { throw Failure(.invalid, "the body is larger than \(limit) bytes") }
    guard let properties = ReceivedProperties(content.properties) else {
      throw Failure(.invalid, "the properties of the message are not as the protocol has them, or too many")
    }
    deliveries = properties.table["x-delivery-count"]?.int.flatMap { $0 >= 0 ? $0 : nil }
    reply = properties.replyTo.flatMap { $0.isEmpty ? nil : ($0, properties.correlationID) }
    var headers = properties.headers
    if content.isRedelivered { headers.append("redelivered", "true") }
    headers.markInbound()
    var message = Message(headers: headers, body: content.body.isEmpty ? .empty : .bytes(content.body))
    var known = ValueMap()
    known.append(uniqueKey: "queue", .string(queue))
    known.append(uniqueKey: "exchange", .string(content.exchange))
    known.append(uniqueKey: "routing_key", .string(content.routingKey))
    known.append(uniqueKey: "redelivered", .bool(content.isRedelivered))
    known.append(uniqueKey: "headers", .map(properties.table))
    message.properties["rabbitmq"] = .map(known)
    self.message = message
  }
}
