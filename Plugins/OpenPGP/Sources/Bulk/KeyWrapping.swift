internal import COpenSSL

/// How a session key is encrypted by what both sides know (RFC 6637, 7 and 8; RFC 3394).
struct KeyWrapping: Sendable {
  private enum Hash: UInt8 {
    case sha256 = 8
    case sha384 = 9
    case sha512 = 10

    var digest: OpaquePointer? {
      switch self {
      case .sha256: EVP_sha256()
      case .sha384: EVP_sha384()
      case .sha512: EVP_sha512()
      }
    }
  }

  private static let digestSize = 64

  private let hash: Hash
  private let cipher: Cipher
  /// What else is hashed.
  private let parameters: [UInt8]

  /// The one of a key, which says by which hash and cipher; nil for other hashes.
  init?(hash: UInt8, cipher: Cipher, fingerprint: [UInt8]) {
    guard let known = Hash(rawValue: hash) else { return nil }
    self.hash = known
    self.cipher = cipher
    parameters =
      KeyPacket.curve + [18, 3, 1, hash, cipher.number] + Array("Anonymous Sender    ".utf8) + fingerprint
  }

  /// Encrypts a packed session key.
  func wrap(_ packed: SecretBytes, by shared: SecretBytes) throws(Damaged) -> [UInt8] {
    // Keys of all lengths look the same: filled up to 40 bytes, by what is missing.
    let filled = SecretBytes(count: 40) { buffer in
      packed.reading { packed in
        for place in 0..<40 { buffer[place] = place < packed.count ? packed[place] : UInt8(40 - packed.count) }
      }
    }
    return try withContext(shared, encrypts: true) { context throws(Damaged) in
      var wrapped = [UInt8](repeating: 0, count: 56)
      var count: Int32 = 0
      let isWrapped = filled.reading { EVP_CipherUpdate(context, &wrapped, &count, $0.baseAddress, 40) }
      guard isWrapped == 1, count == 48 else { throw Damaged() }
      return Array(wrapped[..<48])
    }
  }

  /// Decrypts it; nil where it is for another cipher.
  func unwrap(_ wrapped: [UInt8], by shared: SecretBytes) throws(Damaged) -> SessionKey? {
    guard wrapped.count % 8 == 0, (24...256).contains(wrapped.count) else { throw Damaged() }
    let size = wrapped.count - 8
    return try withContext(shared, encrypts: false) { context throws(Damaged) in
      let filled = try SecretBytes(count: wrapped.count + 8) { buffer throws(Damaged) in
        var count: Int32 = 0
        guard
          EVP_CipherUpdate(context, buffer.baseAddress, &count, wrapped, Int32(wrapped.count)) == 1, count == size
        else { throw Damaged() }
      }
      // What follows is of the sender, and nobody else: the wrapping has a check of its own.
      return try filled.reading { (filled) throws(Damaged) in
        let missing = filled[size - 1]
        guard missing > 0, Int(missing) < size else { throw Damaged() }
        let packed = filled[..<(size - Int(missing))]
        guard filled[packed.endIndex..<size].allSatisfy({ $0 == missing }) else { throw Damaged() }
        return try SessionKey.unpack(UnsafeBufferPointer(rebasing: packed))
      }
    }
  }

  private func withContext<Result>(
    _ shared: SecretBytes, encrypts: Bool, _ body: (OpaquePointer) throws(Damaged) -> Result
  ) throws(Damaged) -> Result {
    let key = try self.key(shared)
    guard let context = EVP_CIPHER_CTX_new() else { throw Damaged() }
    defer { EVP_CIPHER_CTX_free(context) }
    EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW)
    let isBegun = key.reading { EVP_CipherInit_ex(context, cipher.wrap, nil, $0.baseAddress, nil, encrypts ? 1 : 0) }
    guard isBegun == 1 else { throw Damaged() }
    do throws(Damaged) { return try body(context) } catch {
      ERR_clear_error()
      throw error
    }
  }

  /// The key that encrypts the key.
  private func key(_ shared: SecretBytes) throws(Damaged) -> SecretBytes {
    guard let context = EVP_MD_CTX_new() else { throw Damaged() }
    defer { EVP_MD_CTX_free(context) }
    return try SecretBytes(count: Self.digestSize) { buffer throws(Damaged) in
      guard EVP_DigestInit_ex(context, hash.digest, nil) == 1,
        EVP_DigestUpdate(context, [0, 0, 0, 1] as [UInt8], 4) == 1,
        shared.reading({ EVP_DigestUpdate(context, $0.baseAddress, $0.count) }) == 1,
        EVP_DigestUpdate(context, parameters, parameters.count) == 1,
        EVP_DigestFinal_ex(context, buffer.baseAddress, nil) == 1
      else { throw Damaged() }
    }
  }
}
