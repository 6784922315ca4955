internal import Omnibus
internal import OmnibusAWS

/// A message as SQS hands it out.
struct ReceivedMessage: Sendable {
  /// What deletes it and gives it back.
  let held: HeldMessage
  let headers: Headers
  let body: [UInt8]

  /// What system attributes are called as headers.
  private static let names = [
    "SenderId": "sqs-sender-id", "SentTimestamp": "sqs-sent-timestamp",
    "ApproximateReceiveCount": "sqs-receive-count",
    "ApproximateFirstReceiveTimestamp": "sqs-first-receive-timestamp", "MessageGroupId": "sqs-group-id",
    "MessageDeduplicationId": "sqs-deduplication-id", "SequenceNumber": "sqs-sequence-number",
    "DeadLetterQueueSourceArn": "sqs-dead-letter-source", "AWSTraceHeader": "x-amzn-trace-id",
  ]
  private static let mostAttributes = 64

  /// What SQS handed out, as a route has it; bodies that say nothing of their type have `contentType`.
  init(_ received: SQSMessage, contentType: String?) {
    held = received.held
    var headers = Headers()
    if !held.id.isEmpty { headers.append("sqs-message-id", held.id) }
    received.attributes?.forEachMember { name, value in
      guard let header = Self.names[name], let value = SQSMessage.line(value.string) else { return }
      headers.append(header, value)
    }
    var count = 0
    received.senderAttributes?.forEachMember { name, value in
      guard count < Self.mostAttributes, Self.isName(name), let value = SQSMessage.line(Self.value(value)) else {
        return
      }
      count += 1
      headers.append(name, value)
    }
    if let contentType, !headers.contains("content-type") { headers.append("content-type", contentType) }
    // What says how the body went is of no use to those who have it.
    let decoded = SQSText.decode(received.text, headers)
    if decoded != nil { for name in [SQSText.encoding, SQSText.length] { headers.remove(name) } }
    headers.markInbound()
    self.headers = headers
    body = decoded ?? Array(received.text.utf8)
  }

  /// The message as it comes in to the route.
  func message(queue: String, received: Double, _ admission: Admission) -> Message {
    var message = Message(headers: headers, body: body.isEmpty ? .empty : .bytes(body))
    message.delivery = Delivery(
      key: "sqs \(queue) \(held.id)", attempt: held.receives, received: received, admission: admission)
    return message
  }

  /// The text of an attribute; binary ones are base64 already.
  private static func value(_ node: JSONNode) -> String? {
    node.member("StringValue")?.string ?? node.member("BinaryValue")?.string
  }

  /// Whether an attribute can be a header: a name of letters, digits and `-_.`, and none of those that SQS itself fills.
  private static func isName(_ name: String) -> Bool {
    guard 1...256 ~= name.utf8.count, !name.lowercased().hasPrefix("sqs-") else { return false }
    return name.utf8.allSatisfy { byte in
      let letter = byte | 0x20
      return 0x30...0x39 ~= byte || 0x61...0x7A ~= letter && byte >= 0x41 || "-_.".utf8.contains(byte)
    }
  }
}
