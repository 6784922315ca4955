internal import COpenSSL

/// A digest of bytes that come piece by piece, by OpenSSL. For one task at a time.
public final class RunningDigest {
  /// Which digest it is.
  public enum Algorithm: Sendable {
    /// FIPS 180-4: 32 bytes.
    case sha256
    /// FIPS 180-4: 20 bytes. It can be forged; good for telling accidents.
    case sha1
    /// RFC 1321: 16 bytes. It can be forged; good for telling accidents.
    case md5
  }

  private let context: OpaquePointer?

  /// A digest that nothing has been added to.
  public init(_ algorithm: Algorithm) {
    context = EVP_MD_CTX_new()
    let kind =
      switch algorithm {
      case .sha256: EVP_sha256()
      case .sha1: EVP_sha1()
      case .md5: EVP_md5()
      }
    EVP_DigestInit_ex(context, kind, nil)
  }

  deinit { EVP_MD_CTX_free(context) }

  /// Adds the next bytes.
  public func update(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

  /// The digest of all that was added; once.
  public func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    guard EVP_DigestFinal_ex(context, &digest, &count) == 1 else { return [] }
    return Array(digest.prefix(Int(count)))
  }
}
