internal import COpenSSL

/// Comparing secrets.
public enum ConstantTime {
  /// Whether both are the same, in a time that tells nothing of where they differ; only their lengths can show.
  public static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.count == right.count && CRYPTO_memcmp(left, right, left.count) == 0
  }
}
