internal import COpenSSL

/// HMAC with SHA-256 (RFC 2104, FIPS 180-4).
public enum HMACSHA256 {
  /// The 32 bytes of the code of `bytes` by `key`.
  public static func code(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    // Without an address OpenSSL would take the key of the call before.
    let key = key.isEmpty ? [0] : key
    HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, nil)
    return code
  }
}
