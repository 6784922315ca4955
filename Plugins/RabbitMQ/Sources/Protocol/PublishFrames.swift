/// Messages as the wire has them: for each the method frame of basic.publish, the header, and the pieces of its body (AMQP
/// 0-9-1, 2.3.5 and 4.2.6). librabbitmq sends each frame by itself; so many messages leave at once.
struct PublishFrames {
  /// What a header frame has besides the properties, and a method frame besides names, at the most.
  static let maxAround = 8 + 12 + 256
  private(set) var bytes: [UInt8] = []
  /// Where each message begins.
  private(set) var begins: [Int] = []
  private let channel: UInt16
  /// The largest payload of a frame.
  private var maxPayload = 0

  /// No messages, for the channel.
  init(channel: UInt16) { self.channel = channel }

  /// Begins anew, with frames that have `frameMax` bytes at the most, with what is around their payload.
  mutating func removeAll(frameMax: Int) {
    maxPayload = frameMax - 8
    // What a large message needed is not kept.
    bytes.removeAll(keepingCapacity: bytes.capacity <= 1 << 20)
    begins.removeAll(keepingCapacity: true)
  }

  /// Adds a message to the exchange, whose name and routing key have 255 bytes at the most.
  mutating func append(_ publication: Publication, exchange: [UInt8], isMandatory: Bool) {
    begins.append(bytes.count)
    let (head, body) = (publication.head, publication.body)
    // Class basic, publish, and a number that is not used any more.
    frame(type: 1, payload: 4 + 2 + 1 + exchange.count + 1 + publication.keyLength + 1) { bytes in
      bytes.append(contentsOf: [0, 60, 0, 40, 0, 0, UInt8(exchange.count)])
      bytes.append(contentsOf: exchange)
      bytes.append(UInt8(publication.keyLength))
      bytes.append(contentsOf: head[..<publication.keyLength])
      bytes.append(isMandatory ? 1 : 0)
    }
    frame(type: 2, payload: 12 + head.count - publication.keyLength) { bytes in
      bytes.append(contentsOf: [0, 60, 0, 0])
      bytes.append(bigEndian: UInt64(body.count))
      bytes.append(contentsOf: head[publication.keyLength...])
    }
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
