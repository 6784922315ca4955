/// Finds the packets in bytes that come in pieces (RFC 4880, 4.2): where they begin, what is in them, and where they end.
struct PacketScanner {
  enum Event {
    case begin(tag: UInt8)
    /// A part of what is in the packet: these of the bytes.
    case content(Range<Int>)
    case end
  }

  private enum State {
    case tag
    /// A length of the new form is to come (4.2.2).
    case length
    /// Of a length so many bytes are to come, and what came makes `value`.
    case number(left: Int, value: Int)
    case secondByte(first: Int)
    case content(left: Int, isLast: Bool)
    /// To the end of everything (4.2.1).
    case endless
  }

  /// Data may come in parts: compressed, encrypted and literal (4.2.2.4).
  private static let tagsInParts: Set<UInt8> = [8, 9, 11, 18]

  private var state = State.tag
  private var tag: UInt8 = 0

  /// Whether the bytes may end here.
  var isAtEnd: Bool {
    switch state {
    case .tag, .endless: true
    case .length, .number, .secondByte, .content: false
    }
  }

  /// What comes next in `bytes` from `place` on, which moves behind it; nil where more bytes are needed.
  mutating func next(in bytes: UnsafeRawBufferPointer, from place: inout Int) throws(Damaged) -> Event? {
    while true {
      if case .content(0, let isLast) = state {
        state = isLast ? .tag : .length
        if isLast { return .end }
      }
      guard place < bytes.count else { return nil }
      switch state {
      case .endless:
        defer { place = bytes.count }
        return .content(place..<bytes.count)
      case .content(let left, let isLast):
        let start = place
        place += min(left, bytes.count - place)
        state = .content(left: left - (place - start), isLast: isLast)
        return .content(start..<place)
      case .tag:
        defer { place += 1 }
        return try begin(bytes[place])
      case .length, .number, .secondByte:
        try takeLength(bytes[place])
        place += 1
      }
    }
  }

  private mutating func begin(_ byte: UInt8) throws(Damaged) -> Event {
    guard byte & 0x80 != 0 else { throw Damaged() }
    if byte & 0x40 != 0 {
      tag = byte & 0x3F
      state = .length
    } else {
      tag = byte >> 2 & 0x0F
      state = byte & 3 == 3 ? .endless : .number(left: 1 << Int(byte & 3), value: 0)
      if byte & 3 == 3, !Self.tagsInParts.contains(tag) { throw Damaged() }
    }
    guard tag != 0 else { throw Damaged() }
    return .begin(tag: tag)
  }

  private mutating func takeLength(_ byte: UInt8) throws(Damaged) {
    switch state {
    case .number(let left, let value):
      let value = value << 8 | Int(byte)
      state = left == 1 ? .content(left: value, isLast: true) : .number(left: left - 1, value: value)
    case .secondByte(let first): state = .content(left: (first - 192) << 8 + Int(byte) + 192, isLast: true)
    case .length:
      switch byte {
      case ..<192: state = .content(left: Int(byte), isLast: true)
      case ..<224: state = .secondByte(first: Int(byte))
      case 255: state = .number(left: 4, value: 0)
      default:
        guard Self.tagsInParts.contains(tag) else { throw Damaged() }
        state = .content(left: 1 << Int(byte & 0x1F), isLast: false)
      }
    case .tag, .content, .endless: break
    }
  }
}
