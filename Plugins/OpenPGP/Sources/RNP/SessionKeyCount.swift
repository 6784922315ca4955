internal import Omnibus

/// Counts the encrypted session keys at the beginning of a message as it is read, one for each recipient (RFC 4880, 5.1 and
/// 5.3), armoured or not. librnp tries all that are for its keys, which takes milliseconds for each.
struct SessionKeyCount {
  /// How many there may be.
  static let limit = 100

  private enum Armor {
    /// Nothing is known yet.
    case unknown
    case none
    /// In the lines before the empty one, of which so many bytes of the last were seen.
    case heading(lineLength: Int)
    case base64
  }

  private enum Packet {
    case tag
    /// `left` bytes of its length are to come: 0 where the first says how many, -1 for the second of two.
    case length(left: Int, value: Int)
    case content(left: Int)
    /// Something else began, which ends the keys.
    case over
  }

  private var armor = Armor.unknown
  private var packet = Packet.tag
  private var bits: UInt32 = 0
  private var bitCount = 0
  private(set) var count = 0

  /// Whether no more of them can come.
  var isOver: Bool { if case .over = packet { true } else { false } }

  /// Takes the next bytes of the message.
  mutating func read(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes {
      if isOver || count > Self.limit { return }
      switch armor {
      case .unknown:
        armor = byte & 0x80 != 0 ? .none : .heading(lineLength: 1)
        if byte & 0x80 != 0 { take(byte) }
      case .none: take(byte)
      case .heading(let length):
        switch byte {
        case UInt8(ascii: "\n"): armor = length == 0 ? .base64 : .heading(lineLength: 0)
        case UInt8(ascii: "\r"), UInt8(ascii: " "), UInt8(ascii: "\t"): break
        default: armor = .heading(lineLength: length + 1)
        }
      case .base64: decode(byte)
      }
    }
  }

  private mutating func decode(_ byte: UInt8) {
    let value: UInt8
    switch byte {
    case 0x41...0x5A: value = byte - 0x41
    case 0x61...0x7A: value = byte - 0x61 + 26
    case 0x30...0x39: value = byte - 0x30 + 52
    case UInt8(ascii: "+"): value = 62
    case UInt8(ascii: "/"): value = 63
    default: return
    }
    bits = bits << 6 | UInt32(value)
    bitCount += 6
    guard bitCount >= 8 else { return }
    bitCount -= 8
    take(UInt8(truncatingIfNeeded: bits >> UInt32(bitCount)))
  }

  /// Takes a byte of the message without armour (RFC 4880, 4.2).
  private mutating func take(_ byte: UInt8) {
    switch packet {
    case .over: break
    case .tag: begin(byte)
    case .content(let left): packet = left > 1 ? .content(left: left - 1) : .tag
    case .length(let left, let value):
      if left == 0 {
        switch byte {
        case ..<192: end(length: Int(byte))
        case ..<224: packet = .length(left: -1, value: Int(byte - 192))
        case 255: packet = .length(left: 4, value: 0)
        // In parts; only data is.
        default: packet = .over
        }
      } else if left == -1 {
        end(length: (value << 8) + Int(byte) + 192)
      } else {
        let value = value << 8 | Int(byte)
        if left == 1 { end(length: value) } else { packet = .length(left: left - 1, value: value) }
      }
    }
  }

  private mutating func begin(_ byte: UInt8) {
    let isNew = byte & 0x40 != 0
    let tag = isNew ? byte & 0x3F : byte >> 2 & 0x0F
    // 1 and 3 are session keys, 10 is a marker that means nothing.
    guard byte & 0x80 != 0, tag == 1 || tag == 3 || tag == 10, isNew || byte & 3 != 3 else {
      packet = .over
      return
    }
    count += 1
    packet = .length(left: isNew ? 0 : 1 << Int(byte & 3), value: 0)
  }

  private mutating func end(length: Int) { packet = length > 0 ? .content(left: length) : .tag }
}
