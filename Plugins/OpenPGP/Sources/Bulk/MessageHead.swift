/// The beginning of an encrypted message: the packets with its session key, before the one with its data (RFC 4880, 11.3).
struct MessageHead {
  /// A session key that is encrypted for the key of an id.
  struct Recipient {
    let id: ArraySlice<UInt8>
    let algorithm: UInt8
    let fields: ArraySlice<UInt8>
  }

  /// How much is looked at.
  static let limit = 1 << 16

  private(set) var recipients: [Recipient] = []
  /// Where the packet with the data begins, which is protected against being changed, in its first version.
  private(set) var dataStart = 0

  /// The head of a message; nil where it is of another form, or longer.
  init?(_ bytes: ArraySlice<UInt8>) {
    let isRead = try? bytes.reading { (bytes) throws(Damaged) in try read(bytes) }
    guard isRead ?? false else { return nil }
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) throws(Damaged) -> Bool {
    var scanner = PacketScanner()
    var (place, start, tag) = (0, 0, UInt8(0))
    var content: [UInt8] = []
    while true {
      start = scanner.isAtEnd ? place : start
      guard let event = try scanner.next(in: bytes, from: &place) else { return false }
      switch event {
      case .begin(let begun):
        (tag, content) = (begun, [])
        guard [1, 3, 10, 18].contains(tag) else { return false }
      case .content(let range):
        if tag == 18 {
          dataStart = start
          return bytes[range.lowerBound] == 1
        }
        content += bytes[range]
      case .end:
        if tag == 1, let recipient = Self.recipient(content) { recipients.append(recipient) }
        guard tag != 18, recipients.count <= SessionKeyCount.limit else { return false }
      }
    }
  }

  /// Of version 3 (RFC 4880, 5.1).
  private static func recipient(_ content: [UInt8]) -> Recipient? {
    guard content.count > 10, content[0] == 3 else { return nil }
    return Recipient(id: content[1..<9], algorithm: content[9], fields: content[10...])
  }
}
