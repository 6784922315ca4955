internal import Omnibus

/// A message as SQS hands it out.
struct ReceivedMessage: Sendable {
  /// Names this receiving of the message: who has it can delete and hide the message.
  let receipt: String
  let id: String
  let headers: Headers
  let body: [UInt8]
  /// How often it was received, this time counted.
  let receives: Int
  /// The group of a queue that keeps the order; nil in others.
  let group: String?
  /// Where it is kept as long as it is worked on.
  let number: Int

  /// What system attributes are called as headers.
  private static let names = [
    "SenderId": "sqs-sender-id", "SentTimestamp": "sqs-sent-timestamp",
    "ApproximateReceiveCount": "sqs-receive-count",
    "ApproximateFirstReceiveTimestamp": "sqs-first-receive-timestamp", "MessageGroupId": "sqs-group-id",
    "MessageDeduplicationId": "sqs-deduplication-id", "SequenceNumber": "sqs-sequence-number",
    "DeadLetterQueueSourceArn": "sqs-dead-letter-source", "AWSTraceHeader": "x-amzn-trace-id",
  ]
  private static let mostAttributes = 64

  /// Reads an element of the answer to ReceiveMessage; nil for what is none.
  init?(_ node: JSONNode, number: Int, contentType: String?) {
    guard let receipt = node.member("ReceiptHandle")?.string, !receipt.isEmpty, receipt.utf8.count <= 8192,
      let text = node.member("Body")?.string
    else { return nil }
    self.receipt = receipt
    self.number = number
    id = Self.line(node.member("MessageId")?.string) ?? ""
    var headers = Headers()
    if !id.isEmpty { headers.append("sqs-message-id", id) }
    var (receives, group, count) = (1, String?.none, 0)
    node.member("Attributes")?.forEachMember { name, value in
      guard let header = Self.names[name], let value = Self.line(value.string) else { return }
      if name == "ApproximateReceiveCount" { receives = Int(value) ?? 1 }
      if name == "MessageGroupId" { group = value }
      headers.append(header, value)
    }
    node.member("MessageAttributes")?.forEachMember { name, value in
      guard count < Self.mostAttributes, Self.isName(name), let value = Self.line(Self.value(value)) else { return }
      count += 1
      headers.append(name, value)
    }
    if let contentType, !headers.contains("content-type") { headers.append("content-type", contentType) }
    // What says how the body went is of no use to those who have it.
    let decoded = SQSText.decode(text, headers)
    if decoded != nil { for name in [SQSText.encoding, SQSText.length] { headers.remove(name) } }
    headers.markInbound()
    self.headers = headers
    self.receives = max(receives, 1)
    self.group = group
    body = decoded ?? Array(text.utf8)
  }

  /// The message as it comes in to the route.
  func message(queue: String, received: Double, _ admission: Admission) -> Message {
    var message = Message(headers: headers, body: body.isEmpty ? .empty : .bytes(body))
    message.delivery = Delivery(
      key: "sqs \(queue) \(id)", attempt: receives, received: received, admission: admission)
    return message
  }

  /// The text of an attribute; binary ones are base64 already.
  private static func value(_ node: JSONNode) -> String? {
    node.member("StringValue")?.string ?? node.member("BinaryValue")?.string
  }

  /// A text that can stand in a header.
  private static func line(_ text: String?) -> String? {
    guard let text, text.utf8.count <= 256 << 10, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
    else {
      return nil
    }
    return text
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
