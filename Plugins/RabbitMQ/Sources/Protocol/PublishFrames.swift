/// Messages as the wire has them: for each the method frame of basic.publish, the header, and the pieces of its body (AMQP
/// 0-9-1, 2.3.5 and 4.2.6). librabbitmq sends each frame by itself; so many messages leave at once.
struct PublishFrames {
  /// What is around the payload of a frame, what a method has besides its names, and a header besides the properties.
  private static let aroundFrame = 8, aroundMethod = 9, aroundHeader = 12
  /// A buffer that is larger is not kept.
  private static let mostKept = 4 << 20
  private(set) var bytes: [UInt8] = []
  /// Where each message begins.
  private(set) var begins: [Int] = []
  private let channel: UInt16
  /// The largest frame that the broker takes, with what is around its payload.
  var frameMax = 4096

  /// No messages, for the channel.
  init(channel: UInt16) { self.channel = channel }

  /// Forgets the messages.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: bytes.capacity <= Self.mostKept)
    begins.removeAll(keepingCapacity: true)
  }

  /// Whether the method and the header of a message are frames that the broker takes; a body is as many as it needs.
  func fits(_ publication: Publication, exchange: [UInt8]) -> Bool {
    let method = Self.aroundMethod + exchange.count + publication.keyLength
    let header = Self.aroundHeader + publication.head.count - publication.keyLength
    return Self.aroundFrame + max(method, header) <= frameMax
  }

  /// Adds a message that fits to the exchange, whose name and routing key have 255 bytes at the most.
  mutating func append(_ publication: Publication, exchange: [UInt8], isMandatory: Bool) {
    begins.append(bytes.count)
    let (head, body) = (publication.head, publication.body)
    // Class basic, publish, and a number that is not used any more.
    frame(type: 1, payload: Self.aroundMethod + exchange.count + publication.keyLength) { bytes in
      bytes.append(contentsOf: [0, 60, 0, 40, 0, 0, UInt8(exchange.count)])
      bytes.append(contentsOf: exchange)
      bytes.append(UInt8(publication.keyLength))
      bytes.append(contentsOf: head[..<publication.keyLength])
      bytes.append(isMandatory ? 1 : 0)
    }
    frame(type: 2, payload: Self.aroundHeader + head.count - publication.keyLength) { bytes in
      bytes.append(contentsOf: [0, 60, 0, 0])
      bytes.append(bigEndian: UInt64(body.count))
      bytes.append(contentsOf: head[publication.keyLength...])
    }
    let maxPayload = frameMax - Self.aroundFrame
    var place = 0
    while place < body.count {
      let piece = body[place..<min(place + maxPayload, body.count)]
      frame(type: 3, payload: piece.count) { $0.append(contentsOf: piece) }
      place = piece.endIndex
    }
  }

  private mutating func frame(type: UInt8, payload: Int, _ write: (inout [UInt8]) -> Void) {
    bytes.append(type)
    bytes.append(bigEndian: channel)
    bytes.append(bigEndian: UInt32(payload))
    write(&bytes)
    bytes.append(0xCE)
  }
}
