/// What stands in the packet of a key of version 4 (RFC 4880, 5.5.2 and 5.5.3; RFC 6637, 9): the numbers of RSA, or a point of
/// Curve25519. The ranges are of the packet's bytes.
struct KeyPacket {
  enum Numbers {
    case rsa(modulus: Range<Int>, exponent: Range<Int>, secret: Range<Int>?)
    /// The point without its prefix, and with which hash and cipher keys are wrapped.
    case curve25519(point: Range<Int>, hash: UInt8, cipher: Cipher, secret: Range<Int>?)
  }

  /// The name of Curve25519 with its length (RFC 6637, 11; 1.3.6.1.4.1.3029.1.5.1).
  static let curve: [UInt8] = [10, 0x2B, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01]

  let numbers: Numbers

  /// Reads a packet that may have others behind it; nil for one of another form, or whose secret is locked.
  init?(_ bytes: UnsafeRawBufferPointer) {
    var scanner = PacketScanner()
    var place = 0
    guard case .begin(let tag)? = try? scanner.next(in: bytes, from: &place), [5, 6, 7, 14].contains(tag),
      case .content(let content)? = try? scanner.next(in: bytes, from: &place),
      case .end? = try? scanner.next(in: bytes, from: &place),
      let numbers = Self.numbers(bytes, content, isSecret: tag == 5 || tag == 7)
    else { return nil }
    self.numbers = numbers
  }

  private static func numbers(
    _ bytes: UnsafeRawBufferPointer, _ content: Range<Int>, isSecret: Bool
  ) -> Numbers? {
    var reader = Reader(bytes: bytes, rest: content)
    guard let version = reader.take(1), bytes[version.lowerBound] == 4, reader.take(4) != nil,
      let algorithm = reader.take(1)
    else { return nil }
    switch bytes[algorithm.lowerBound] {
    case 1, 2:
      guard let modulus = reader.number(), let exponent = reader.number() else { return nil }
      let secret = isSecret ? reader.secret() : nil
      guard !isSecret || secret != nil else { return nil }
      return .rsa(modulus: modulus, exponent: exponent, secret: secret)
    case 18:
      guard let curve = reader.take(Self.curve.count), bytes[curve].elementsEqual(Self.curve),
        let point = reader.number(), point.count == 33, bytes[point.lowerBound] == 0x40,
        let wrapping = reader.take(4), bytes[wrapping.lowerBound] == 3, bytes[wrapping.lowerBound + 1] == 1,
        let cipher = Cipher(number: bytes[wrapping.lowerBound + 3])
      else { return nil }
      let secret = isSecret ? reader.secret() : nil
      guard !isSecret || secret.map({ $0.count <= 32 }) ?? false else { return nil }
      return .curve25519(
        point: point.dropFirst(), hash: bytes[wrapping.lowerBound + 2], cipher: cipher, secret: secret)
    default: return nil
    }
  }

  private struct Reader {
    let bytes: UnsafeRawBufferPointer
    var rest: Range<Int>

    mutating func take(_ count: Int) -> Range<Int>? {
      guard rest.count >= count else { return nil }
      defer { rest = rest.dropFirst(count) }
      return rest.prefix(count)
    }

    /// A number with its length in bits before it (RFC 4880, 3.2).
    mutating func number() -> Range<Int>? {
      guard let bits = take(2) else { return nil }
      return take((Int(bytes[bits.lowerBound]) << 8 + Int(bytes[bits.lowerBound + 1]) + 7) / 8)
    }

    /// The first of the secret numbers, where they are not locked.
    mutating func secret() -> Range<Int>? {
      guard let usage = take(1), bytes[usage.lowerBound] == 0 else { return nil }
      return number()
    }
  }
}
