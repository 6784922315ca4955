internal import COpenSSL
internal import CRNP
internal import Omnibus

extension RNPKey {
  /// The key for encrypting outside of librnp; nil for one of a kind that is not known there.
  var transportKey: TransportKey? {
    read { rnp_get_public_key_data(handle, $0, $1) }
  }

  /// The secret key for decrypting outside of librnp, which keeps none without a passphrase where there was one: it is taken
  /// off in memory.
  func transportKey(unlockedBy passphrases: [Secret]) -> TransportKey? {
    if rnpFlag({ rnp_key_is_protected(handle, $0) }) {
      let isFree = passphrases.contains { rnp_key_unprotect(handle, $0.reveal) == rnp_result_t(RNP_SUCCESS) }
      guard isFree else { return nil }
    }
    return read { rnp_get_secret_key_data(handle, $0, $1) }
  }

  /// The hexadecimal digits of bytes, as fingerprints have them.
  static func digits(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  private func read(
    _ get: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>, UnsafeMutablePointer<Int>) -> rnp_result_t
  ) -> TransportKey? {
    var bytes: UnsafeMutablePointer<UInt8>?
    var count = 0
    guard get(&bytes, &count) == rnp_result_t(RNP_SUCCESS), let bytes else { return nil }
    defer {
      OPENSSL_cleanse(bytes, count)
      rnp_buffer_destroy(bytes)
    }
    return TransportKey(UnsafeRawBufferPointer(start: bytes, count: count), fingerprint: fingerprintBytes)
  }

  private var fingerprintBytes: [UInt8] {
    var bytes: [UInt8] = []
    for (place, digit) in fingerprint.utf8.enumerated() {
      let value = digit < 0x3A ? digit - 0x30 : digit - 0x37
      if place % 2 == 0 { bytes.append(value << 4) } else { bytes[place / 2] |= value }
    }
    return bytes
  }
}
