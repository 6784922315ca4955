/// Writes one packet in parts, as its length is not known before its end (RFC 4880, 4.2.2.4).
struct PartWriter {
  /// The first part must have 512 bytes; large ones cost the reader less.
  private static let partSize = 1 << 16

  private let tag: UInt8
  private var hasBegun = false
  /// What is written and was not taken yet: whole parts, and behind them a byte for the length and the part that grows.
  private var bytes: [UInt8] = []
  private var partStart = 0

  init(tag: UInt8) {
    self.tag = tag
    begin()
  }

  /// Writes data that are bytes, without a name and a time (RFC 4880, 5.9).
  static var literal: PartWriter {
    var writer = PartWriter(tag: 11)
    let head: [UInt8] = [0x62, 0, 0, 0, 0, 0]
    head.withUnsafeBytes { writer.write($0) }
    return writer
  }

  /// Adds content.
  mutating func write(_ content: UnsafeRawBufferPointer) {
    var rest = content[...]
    while !rest.isEmpty {
      let count = min(rest.count, Self.partSize - (bytes.count - partStart))
      bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest.prefix(count)))
      rest = rest.dropFirst(count)
      guard bytes.count - partStart == Self.partSize else { continue }
      bytes[partStart - 1] = 0xE0 | 16
      bytes.append(0)
      partStart = bytes.count
    }
  }

  /// Takes the whole parts out, where there are some.
  mutating func take() -> [UInt8]? {
    guard partStart > 3 else { return nil }
    let growing = Array(bytes[(partStart - 1)...])
    bytes.removeLast(growing.count)
    let whole = bytes
    bytes = []
    bytes.reserveCapacity(whole.count + Self.partSize)
    bytes += growing
    partStart = 1
    return whole
  }

  /// What is left, with the length of the last part.
  consuming func finish() -> [UInt8] {
    let count = bytes.count - partStart
    let length: [UInt8] =
      switch count {
      case ..<192: [UInt8(count)]
      case ..<8384: [UInt8((count - 192) >> 8 + 192), UInt8(truncatingIfNeeded: count - 192)]
      default: [0xFF] + (0..<4).map { UInt8(truncatingIfNeeded: count >> (24 - 8 * $0)) }
      }
    bytes.replaceSubrange((partStart - 1)..<partStart, with: length)
    return bytes
  }

  private mutating func begin() {
    bytes = [0xC0 | tag, 0]
    partStart = 2
  }
}
