public import Omnibus
internal import OmnibusCrypto

/// A message of a queue that was received, and is held by its `SQSReader` until it is deleted or given back.
public struct HeldMessage: Sendable {
  /// What the queue calls it; empty where the queue does not say, or not in one line.
  public let id: String
  /// How often it was received, this time counted.
  public let receives: Int
  /// The group of a queue that keeps the order; nil in others.
  public let group: String?
  /// Where its reader keeps it.
  let number: Int
}

/// What SQS hands out of a message (Amazon SQS API Reference, "Message").
public struct SQSMessage: Sendable {
  /// What deletes it and gives it back.
  public let held: HeldMessage
  /// The body.
  public let text: String
  /// What SQS itself says of it, an object of texts; nil for nothing.
  public let attributes: JSONNode?
  /// What its sender has said of it, an object of objects; nil for nothing.
  public let senderAttributes: JSONNode?

  /// What is read of an answer before the message is held.
  struct Parts {
    /// Names this receiving of the message: who has it can delete and hide the message.
    let receipt: String
    let id: String
    let text: String
    fileprivate let node: JSONNode

    /// Reads an element of the answer to ReceiveMessage; nil for what is none.
    init?(_ node: JSONNode) {
      guard let receipt = node.member("ReceiptHandle")?.string, !receipt.isEmpty, receipt.utf8.count <= 8192,
        let text = node.member("Body")?.string
      else { return nil }
      self.receipt = receipt
      self.text = text
      self.node = node
      id = SQSMessage.line(node.member("MessageId")?.string) ?? ""
    }

    /// Whether the body is the one whose MD5 the queue says, where it says one.
    var isWhole: Bool { SQSDigest.matches(text, node.member("MD5OfBody")?.string) }
  }

  init(_ parts: Parts, number: Int) {
    text = parts.text
    attributes = parts.node.member("Attributes")
    senderAttributes = parts.node.member("MessageAttributes")
    let receives = attributes?.member("ApproximateReceiveCount")?.string.flatMap { Int($0) } ?? 1
    held = HeldMessage(id: parts.id, receives: max(receives, 1), group: Self.group(parts.node), number: number)
  }

  /// The group of a message of a queue that keeps the order, as far as it can be read; nil for none.
  static func group(_ node: JSONNode) -> String? { line(node.member("Attributes")?.member("MessageGroupId")?.string) }

  /// A text that can stand in a header: without line ends and other control characters; nil for others.
  public static func line(_ text: String?) -> String? {
    guard let text, text.utf8.count <= 256 << 10, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
    else {
      return nil
    }
    return text
  }
}
