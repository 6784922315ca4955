internal import COpenSSL

/// Bytes that nobody can guess, of OpenSSL's generator (NIST SP 800-90A).
public enum RandomBytes {
  /// As many bytes; nil where the system has none to give.
  public static func make(_ count: Int) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: count)
    return RAND_bytes(&bytes, Int32(count)) == 1 ? bytes : nil
  }
}
