internal import CRabbitMQ
internal import Omnibus

/// A message as the broker hands it over: with what method, its properties, and its body.
struct Content: Sendable {
  /// Whether it comes back because nobody took it.
  let isReturned: Bool
  /// The number of the delivery, or the code for which it comes back.
  let number: UInt64
  let isRedelivered: Bool
  let exchange: String
  let routingKey: String
  /// The encoded property list.
  var properties: [UInt8] = []
  var body: [UInt8] = []
  /// How many bytes the body has; where it is too large, `body` is empty.
  var size: UInt64 = 0
}

/// Puts messages together from the frames that they come in. What a body may have is all that is held of it.
struct ContentAssembler {
  private let limit: Int
  private var content: Content?
  private var left: UInt64 = 0
  private var lastExchange = LastText()
  private var lastKey = LastText()

  init(limit: Int) { self.limit = limit }

  /// The delivery that is being read, if any.
  var underWay: UInt64? { content.flatMap { $0.isReturned ? nil : $0.number } }

  /// Takes a frame; answers a message that it completes.
  mutating func take(_ frame: omnibus_amqp_frame) -> Content? {
    switch frame.kind {
    case OMNIBUS_AMQP_DELIVER, OMNIBUS_AMQP_RETURN:
      content = Content(
        isReturned: frame.kind == OMNIBUS_AMQP_RETURN, number: frame.number, isRedelivered: frame.flag != 0,
        exchange: lastExchange.text(frame.one.buffer), routingKey: lastKey.text(frame.two.buffer))
      return nil
    case OMNIBUS_AMQP_HEADER:
      content?.properties = Array(frame.one.buffer)
      content?.size = frame.number
      left = frame.number
      if frame.number <= limit { content?.body.reserveCapacity(Int(frame.number)) }
    case OMNIBUS_AMQP_BODY:
      guard let size = content?.size else { return nil }
      if size <= limit { content?.body.append(contentsOf: frame.one.buffer) }
      left -= min(left, UInt64(frame.one.len))
    default: return nil
    }
    guard left == 0 else { return nil }
    defer { content = nil }
    return content
  }
}

/// The text of bytes that are mostly the same as before.
private struct LastText {
  private var text = ""

  mutating func text(_ bytes: UnsafeRawBufferPointer) -> String {
    let isSame = text.withUTF8 { $0.elementsEqual(bytes) }
    if !isSame { text = String(decoding: bytes, as: UTF8.self) }
    return text
  }
}

extension amqp_bytes_t {
  var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: bytes, count: len) }

  /// The bytes as text for people: printable ASCII, at most 300.
  var plainText: String {
    String(decoding: buffer.prefix(300).map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
  }
}
