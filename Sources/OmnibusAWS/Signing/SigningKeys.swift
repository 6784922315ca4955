internal import OmnibusCrypto
internal import Synchronization

/// The key that signs for one day, region and service (AWS Signature Version 4, "Derive a signing key"); the last is
/// kept, as most requests sign with the same.
final class SigningKeys: Sendable {
  private struct Known {
    var secret: String
    var scope: String
    var key: [UInt8]
  }

  private let known = Mutex<Known?>(nil)

  /// The key of `secret` for a scope `date/region/service/aws4_request`.
  func key(_ secret: String, scope: String) -> [UInt8] {
    known.withLock { known in
      if let known, known.scope == scope, known.secret == secret { return known.key }
      var key = Array("AWS4\(secret)".utf8)
      for part in scope.utf8.split(separator: UInt8(ascii: "/")) { key = HMACSHA256.code(Array(part), key: key) }
      known = Known(secret: secret, scope: scope, key: key)
      return key
    }
  }
}
