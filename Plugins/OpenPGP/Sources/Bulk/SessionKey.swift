internal import COpenSSL

/// The key of one message, and of AES which length (RFC 4880, 9.2).
struct SessionKey: Sendable {
  let cipher: Cipher
  let key: SecretBytes

  /// One that nobody can guess.
  static func random(_ cipher: Cipher) throws(Damaged) -> SessionKey {
    SessionKey(cipher: cipher, key: try .random(cipher.keySize))
  }

  /// It as it is encrypted for somebody: the cipher, the key, and a sum of its bytes (RFC 4880, 5.1).
  var packed: SecretBytes {
    SecretBytes(count: 1 + key.count + 2) { buffer in
      buffer[0] = cipher.number
      var sum: UInt16 = 0
      key.reading { key in
        for (place, byte) in key.enumerated() {
          buffer[1 + place] = byte
          sum &+= UInt16(byte)
        }
      }
      buffer[1 + key.count] = UInt8(sum >> 8)
      buffer[2 + key.count] = UInt8(truncatingIfNeeded: sum)
    }
  }

  /// What was packed. `nil` in it stands for a key of another cipher. Takes the same time whatever is in the bytes, until it is
  /// known that they are good.
  static func unpack(_ packed: UnsafeBufferPointer<UInt8>) throws(Damaged) -> SessionKey? {
    guard packed.count > 3 else { throw Damaged() }
    var sum: UInt16 = 0
    for byte in packed[1..<(packed.count - 2)] { sum &+= UInt16(byte) }
    let wanted = UInt16(packed[packed.count - 2]) << 8 | UInt16(packed[packed.count - 1])
    guard sum == wanted else { throw Damaged() }
    guard let cipher = Cipher(number: packed[0]) else { return nil }
    guard cipher.keySize == packed.count - 3 else { throw Damaged() }
    return SessionKey(
      cipher: cipher,
      key: SecretBytes(count: cipher.keySize) { buffer in
        _ = buffer.update(fromContentsOf: packed[1..<(packed.count - 2)])
      })
  }
}

extension Cipher {
  /// How many bytes a key has.
  var keySize: Int {
    switch self {
    case .aes128: 16
    case .aes192: 24
    case .aes256: 32
    }
  }

  /// Its number in OpenPGP (RFC 4880, 9.2).
  var number: UInt8 {
    switch self {
    case .aes128: 7
    case .aes192: 8
    case .aes256: 9
    }
  }

  /// The AES of a number; nil for another cipher.
  init?(number: UInt8) {
    switch number {
    case 7: self = .aes128
    case 8: self = .aes192
    case 9: self = .aes256
    default: return nil
    }
  }

  /// Each block by itself.
  var blocks: OpaquePointer? {
    switch self {
    case .aes128: EVP_aes_128_ecb()
    case .aes192: EVP_aes_192_ecb()
    case .aes256: EVP_aes_256_ecb()
    }
  }

  /// Each block after the one before was mixed into it.
  var chain: OpaquePointer? {
    switch self {
    case .aes128: EVP_aes_128_cbc()
    case .aes192: EVP_aes_192_cbc()
    case .aes256: EVP_aes_256_cbc()
    }
  }

  /// For keys (RFC 3394).
  var wrap: OpaquePointer? {
    switch self {
    case .aes128: EVP_aes_128_wrap()
    case .aes192: EVP_aes_192_wrap()
    case .aes256: EVP_aes_256_wrap()
    }
  }
}
