/// FNV-1a of 64 bits: tells inputs apart that nobody made to be alike.
struct Digest {
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The number of all that was added, in hexadecimal.
  var text: String { String(hash, radix: 16) }

  mutating func add(_ bytes: [UInt8]) {
    bytes.withUnsafeBufferPointer { for byte in $0 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 } }
  }
}
