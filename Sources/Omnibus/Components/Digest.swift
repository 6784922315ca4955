/// A digest of bytes for telling changes, not for defence: FNV-1a over 64 bits (draft-eastlake-fnv) beside another product
/// of 64 bits.
package struct Digest: Hashable, Sendable {
  package private(set) var first: UInt64 = 0xcbf2_9ce4_8422_2325
  private var second: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// Nothing yet.
  package init() {}

  /// Adds a byte.
  package mutating func add(_ byte: UInt8) {
    first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
    let product = (second &+ UInt64(byte)) &* 0xd134_2543_de82_ef95
    second = product << 29 | product >> 35
  }

  /// Adds another digest.
  package mutating func add(_ other: Digest) {
    for number in [other.first, other.second] { add(number) }
  }

  /// Adds a text with its length, so that nothing in it can be taken for what stands around it.
  package mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
      add(UInt64(bytes.count))
      for byte in bytes { add(byte) }
    }
  }

  /// The digest of a file's bytes.
  package init(of bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { for byte in $0 { add(byte) } }
  }

  private mutating func add(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
