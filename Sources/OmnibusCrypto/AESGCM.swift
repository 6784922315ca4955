internal import COpenSSL

/// AES-256 in Galois/Counter Mode (NIST SP 800-38D), with nonces of 96 bits and tags of 128.
public struct AESGCM: Sendable {
  /// The bytes of a key.
  public static let keySize = 32
  /// The bytes of a nonce, which is used once with a key.
  public static let nonceSize = 12
  /// The bytes of the tag behind what is sealed.
  public static let tagSize = 16

  private let key: [UInt8]

  /// A cipher of a key of 32 bytes; nil for one of another length.
  public init?(key: [UInt8]) {
    guard key.count == Self.keySize else { return nil }
    self.key = key
  }

  /// The bytes sealed, with the tag behind them; nil where the nonce has another length or OpenSSL has no memory.
  public func seal(_ bytes: [UInt8], nonce: [UInt8], associated: [UInt8]) -> [UInt8]? {
    guard nonce.count == Self.nonceSize, let context = EVP_CIPHER_CTX_new() else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    var (count, isSealed) = (Int32(0), false)
    let sealed = [UInt8](unsafeUninitializedCapacity: bytes.count + Self.tagSize) { buffer, initialized in
      guard let output = buffer.baseAddress,
        EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
        associated.isEmpty || EVP_EncryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
        bytes.isEmpty || EVP_EncryptUpdate(context, output, &count, bytes, Int32(bytes.count)) == 1,
        EVP_EncryptFinal_ex(context, output + bytes.count, &count) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, Int32(Self.tagSize), output + bytes.count) == 1
      else { return }
      isSealed = true
      initialized = bytes.count + Self.tagSize
    }
    return isSealed ? sealed : nil
  }

  /// What was sealed; nil where a byte of it, of the nonce or of `associated` is another one.
  public func open(_ sealed: UnsafeRawBufferPointer, nonce: [UInt8], associated: [UInt8]) -> [UInt8]? {
    let size = sealed.count - Self.tagSize
    guard size >= 0, nonce.count == Self.nonceSize, let input = sealed.bindMemory(to: UInt8.self).baseAddress,
      let context = EVP_CIPHER_CTX_new()
    else { return nil }
    defer { EVP_CIPHER_CTX_free(context) }
    var tag = Array(sealed[size...])
    var (count, isOpen) = (Int32(0), false)
    let bytes = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, initialized in
      guard let output = buffer.baseAddress,
        EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key, nonce) == 1,
        associated.isEmpty || EVP_DecryptUpdate(context, nil, &count, associated, Int32(associated.count)) == 1,
        size == 0 || EVP_DecryptUpdate(context, output, &count, input, Int32(size)) == 1,
        EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_SET_TAG, Int32(Self.tagSize), &tag) == 1,
        EVP_DecryptFinal_ex(context, output + size, &count) == 1
      else { return }
      isOpen = true
      initialized = size
    }
    return isOpen ? bytes : nil
  }

  /// What was sealed; nil where a byte of it, of the nonce or of `associated` is another one.
  public func open(_ sealed: [UInt8], nonce: [UInt8], associated: [UInt8]) -> [UInt8]? {
    sealed.withUnsafeBytes { open($0, nonce: nonce, associated: associated) }
  }
}
