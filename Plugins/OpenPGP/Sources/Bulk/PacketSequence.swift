/// Whether what was encrypted is one message, of data that is packed or signed or neither, with nothing behind it (RFC 4880,
/// 11.3). librnp reads it, but would pass over what follows.
struct PacketSequence {
  private static let mostSignatures = 100

  private var scanner = PacketScanner()
  private var announced = 0
  private var hasData = false

  /// Looks at the next bytes.
  mutating func read(_ bytes: UnsafeRawBufferPointer) throws(Damaged) {
    var place = 0
    while let event = try scanner.next(in: bytes, from: &place) {
      guard case .begin(let tag) = event else { continue }
      switch tag {
      // A marker, which means nothing (5.8).
      case 10: if hasData { throw Damaged() }
      // A signature that comes behind, or comes before as PGP 2 had it (5.2, 5.4).
      case 2 where hasData: announced -= 1
      case 2, 4:
        guard !hasData else { throw Damaged() }
        announced += tag == 4 ? 1 : 0
      case 8, 11:
        guard !hasData else { throw Damaged() }
        hasData = true
      default: throw Damaged()
      }
      guard announced >= 0, announced <= Self.mostSignatures else { throw Damaged() }
    }
  }

  /// Looks whether it may end there.
  func finish() throws(Damaged) {
    guard hasData, announced == 0, scanner.isAtEnd else { throw Damaged() }
  }
}
