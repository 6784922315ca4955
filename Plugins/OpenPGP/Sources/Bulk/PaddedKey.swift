/// A session key in what RSA decrypted (RFC 4880, 13.1.2; PKCS #1 v1.5).
enum PaddedKey {
  /// The key in `padded`; nil where it is for another cipher than AES, `chance` where the padding or the sum is not good. All
  /// bytes are looked at in the same way, whatever they are, for each of the lengths that a packed key can have.
  static func read(_ padded: UnsafeBufferPointer<UInt8>, otherwise chance: SessionKey) -> SessionKey? {
    var found = 0
    for size in [16, 24, 32] {
      let start = padded.count - size - 3
      guard start >= 11 else { continue }
      var wrong = padded[0] | (padded[1] ^ 2) | padded[start - 1]
      for place in 2..<(start - 1) { wrong |= isZero(padded[place]) }
      var sum: UInt16 = 0
      for place in (start + 1)..<(start + 1 + size) { sum &+= UInt16(padded[place]) }
      wrong |= UInt8(truncatingIfNeeded: sum >> 8) ^ padded[padded.count - 2]
      wrong |= UInt8(truncatingIfNeeded: sum) ^ padded[padded.count - 1]
      found |= start & -Int(isZero(wrong))
    }
    guard found > 0 else { return chance }
    let packed = UnsafeBufferPointer(rebasing: padded[found...])
    do throws(Damaged) { return try SessionKey.unpack(packed) } catch { return chance }
  }

  /// 1 for 0, 0 for all others.
  private static func isZero(_ byte: UInt8) -> UInt8 { UInt8(truncatingIfNeeded: (Int(byte) &- 1) >> 8 & 1) }
}
