internal import COpenPGP
internal import COpenSSL

/// A key that session keys are encrypted for, by RSA or Curve25519, in OpenSSL's hands.
// @unchecked: OpenSSL's keys may be used by many threads at once, and nothing else changes.
final class TransportKey: @unchecked Sendable {
  private enum Kind {
    case rsa
    case curve25519(KeyWrapping)
  }

  /// Its fingerprint, of 20 bytes.
  let fingerprint: [UInt8]
  private let key: OpaquePointer
  private let kind: Kind

  /// The key of a packet; nil for one of another kind, or that OpenSSL does not take.
  init?(_ bytes: UnsafeRawBufferPointer, fingerprint: [UInt8]) {
    guard fingerprint.count == 20, let packet = KeyPacket(bytes), let start = bytes.baseAddress else { return nil }
    let base = start.assumingMemoryBound(to: UInt8.self)
    var key: OpaquePointer?
    switch packet.numbers {
    case .rsa(let modulus, let exponent, let secret):
      key = omnibus_rsa_key(
        base + modulus.lowerBound, modulus.count, base + exponent.lowerBound, exponent.count,
        secret.map { base + $0.lowerBound }, secret?.count ?? 0)
      kind = .rsa
    case .curve25519(let point, let hash, let cipher, let secret):
      guard let wrapping = KeyWrapping(hash: hash, cipher: cipher, fingerprint: fingerprint) else { return nil }
      kind = .curve25519(wrapping)
      if let secret {
        // OpenPGP has it as a number, and so the other way round and without zeros.
        let scalar = SecretBytes(count: 32) { buffer in
          for (place, index) in secret.reversed().enumerated() { buffer[place] = base[index] }
        }
        key = scalar.reading { EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nil, $0.baseAddress, 32) }
      } else {
        key = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, base + point.lowerBound, 32)
      }
    }
    guard let key else {
      ERR_clear_error()
      return nil
    }
    self.key = key
    self.fingerprint = fingerprint
  }

  deinit { EVP_PKEY_free(key) }

  /// The last 8 bytes of the fingerprint.
  var id: ArraySlice<UInt8> { fingerprint.suffix(8) }

  /// The packet with a session key for whoever has the secret key (RFC 4880, 5.1; RFC 6637, 10).
  func wrap(_ session: SessionKey) throws(Damaged) -> [UInt8] {
    let (algorithm, fields): (UInt8, [UInt8]) =
      switch kind {
      case .rsa: (1, Self.number(try encrypt(session.packed)))
      case .curve25519(let wrapping): (18, try seal(session.packed, wrapping))
      }
    var writer = PartWriter(tag: 1)
    ([3] + id + [algorithm] + fields).withUnsafeBytes { writer.write($0) }
    return writer.finish()
  }

  /// The session key out of the fields of such a packet behind its algorithm; nil where it is for another cipher. What is not
  /// good by RSA gives a key of chance, so that nobody can tell by what follows (RFC 3218, 2.3.2).
  func unwrap(_ algorithm: UInt8, _ fields: ArraySlice<UInt8>) throws(Damaged) -> SessionKey? {
    switch (kind, algorithm) {
    case (.rsa, 1), (.rsa, 2): try decrypt(Self.number(of: fields))
    case (.curve25519(let wrapping), 18): try open(fields, wrapping)
    default: throw Damaged()
    }
  }

  // MARK: RSA

  private func encrypt(_ packed: SecretBytes) throws(Damaged) -> [UInt8] {
    guard let context = EVP_PKEY_CTX_new(key, nil) else { throw Damaged() }
    defer { EVP_PKEY_CTX_free(context) }
    var encrypted = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(key)))
    var count = encrypted.count
    guard EVP_PKEY_encrypt_init(context) == 1,
      EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1,
      packed.reading({ EVP_PKEY_encrypt(context, &encrypted, &count, $0.baseAddress, $0.count) }) == 1
    else { throw Damaged() }
    return Array(encrypted[..<count])
  }

  private func decrypt(_ encrypted: ArraySlice<UInt8>) throws(Damaged) -> SessionKey? {
    let size = Int(EVP_PKEY_get_size(key))
    let chance = try SessionKey.random(.aes256)
    guard encrypted.count <= size, let context = EVP_PKEY_CTX_new(key, nil) else { throw Damaged() }
    defer { EVP_PKEY_CTX_free(context) }
    let whole = [UInt8](repeating: 0, count: size - encrypted.count) + encrypted
    let padded = try SecretBytes(count: size) { buffer throws(Damaged) in
      var count = size
      guard EVP_PKEY_decrypt_init(context) == 1, EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING) == 1,
        EVP_PKEY_decrypt(context, buffer.baseAddress, &count, whole, whole.count) == 1, count == size
      else {
        // The number is larger than the modulus, which everybody can see.
        ERR_clear_error()
        throw Damaged()
      }
    }
    return padded.reading { PaddedKey.read($0, otherwise: chance) }
  }

  // MARK: Curve25519

  private func seal(_ packed: SecretBytes, _ wrapping: KeyWrapping) throws(Damaged) -> [UInt8] {
    var own: OpaquePointer?
    guard let context = EVP_PKEY_CTX_new_id(EVP_PKEY_X25519, nil) else { throw Damaged() }
    defer {
      EVP_PKEY_CTX_free(context)
      EVP_PKEY_free(own)
    }
    var point = [UInt8](repeating: 0, count: 32)
    var count = point.count
    guard EVP_PKEY_keygen_init(context) == 1, EVP_PKEY_keygen(context, &own) == 1, let own,
      EVP_PKEY_get_raw_public_key(own, &point, &count) == 1
    else { throw Damaged() }
    let wrapped = try wrapping.wrap(packed, by: try Self.derive(own, key))
    return Self.number([0x40] + point) + [UInt8(wrapped.count)] + wrapped
  }

  private func open(_ fields: ArraySlice<UInt8>, _ wrapping: KeyWrapping) throws(Damaged) -> SessionKey? {
    let point = try Self.number(of: fields)
    guard point.count == 33, point.first == 0x40, let count = fields.dropFirst(2 + 33).first else { throw Damaged() }
    let wrapped = Array(fields.dropFirst(2 + 33 + 1))
    guard wrapped.count == Int(count),
      let other = EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nil, Array(point.dropFirst()), 32)
    else { throw Damaged() }
    defer { EVP_PKEY_free(other) }
    return try wrapping.unwrap(wrapped, by: try Self.derive(key, other))
  }

  /// What both sides know (RFC 7748, 6.1). OpenSSL refuses points that would make it nothing.
  private static func derive(_ own: OpaquePointer, _ other: OpaquePointer) throws(Damaged) -> SecretBytes {
    guard let context = EVP_PKEY_CTX_new(own, nil) else { throw Damaged() }
    defer { EVP_PKEY_CTX_free(context) }
    return try SecretBytes(count: 32) { buffer throws(Damaged) in
      var count = 32
      guard EVP_PKEY_derive_init(context) == 1, EVP_PKEY_derive_set_peer(context, other) == 1,
        EVP_PKEY_derive(context, buffer.baseAddress, &count) == 1, count == 32
      else {
        ERR_clear_error()
        throw Damaged()
      }
    }
  }

  // MARK: numbers

  /// A number with its length in bits before it (RFC 4880, 3.2).
  private static func number(_ bytes: [UInt8]) -> [UInt8] {
    let digits = bytes.drop { $0 == 0 }
    let bits = digits.count * 8 - (digits.first?.leadingZeroBitCount ?? 0)
    return [UInt8(bits >> 8), UInt8(truncatingIfNeeded: bits)] + digits
  }

  /// The bytes of the number at the beginning.
  private static func number(of fields: ArraySlice<UInt8>) throws(Damaged) -> ArraySlice<UInt8> {
    guard fields.count > 2 else { throw Damaged() }
    let bits = Int(fields[fields.startIndex]) << 8 + Int(fields[fields.startIndex + 1])
    let digits = fields.dropFirst(2).prefix((bits + 7) / 8)
    guard digits.count == (bits + 7) / 8 else { throw Damaged() }
    return digits
  }
}
