internal import CRNP
internal import Omnibus

/// A key, primary or subkey, with what decides over its use. Belongs to its session.
final class RNPKey {
  /// What a key is for.
  enum Usage: String { case encrypt, sign }

  let handle: rnp_key_handle_t
  let fingerprint: String
  let created: UInt64
  /// When it, or the primary key, expires or was revoked; seconds since 1970.
  let validTill: UInt64
  let isRevoked: Bool
  let isWeak: Bool
  /// Whether the signatures that make it a key of its owner are good.
  private let isBound: Bool

  /// Takes over the handle. A subkey is revoked with its primary key.
  init?(_ handle: rnp_key_handle_t, of primary: RNPKey? = nil) {
    self.handle = handle
    guard let fingerprint = rnpText({ rnp_key_get_fprint(handle, $0) }) else {
      rnp_key_handle_destroy(handle)
      return nil
    }
    self.fingerprint = fingerprint.uppercased()
    var created: UInt32 = 0
    rnp_key_get_creation(handle, &created)
    self.created = UInt64(created)
    var till: UInt64 = 0
    rnp_key_valid_till64(handle, &till)
    validTill = till
    isRevoked = primary?.isRevoked ?? false || rnpFlag { rnp_key_is_revoked(handle, $0) }
    isBound = till > 0 || rnpFlag { rnp_key_is_valid(handle, $0) }
    isWeak = Self.isWeak(handle)
  }

  deinit { rnp_key_handle_destroy(handle) }

  /// Whether the owner made it for that.
  func allows(_ usage: Usage) -> Bool { rnpFlag { rnp_key_allows_usage(handle, usage.rawValue, $0) } }

  /// Whether the secret key is there, unlocked.
  var isSecret: Bool {
    rnpFlag { rnp_key_have_secret(handle, $0) } && !rnpFlag { rnp_key_is_locked(handle, $0) }
  }

  /// Why it must not be used at a time; nil for nothing.
  func problem(at time: UInt64, allowed: Set<Weakness>) -> String? {
    if isRevoked {
      if !allowed.contains(.revokedKey) { return "was revoked" }
    } else if !isBound {
      return "has no good signature of its owner"
    } else if validTill <= time, !allowed.contains(.expiredKey) {
      return "has expired"
    }
    if isWeak, !allowed.contains(.weakKey) { return "is weak" }
    return created > time ? "is of the future" : nil
  }

  private static func isWeak(_ handle: rnp_key_handle_t) -> Bool {
    var bits: UInt32 = 0
    rnp_key_get_bits(handle, &bits)
    switch rnpText({ rnp_key_get_alg(handle, $0) }) {
    case "RSA": return bits < 2048
    case "ECDH", "ECDSA", "EDDSA": return bits < 255
    case "SM2": return false
    default: return true
    }
  }
}
