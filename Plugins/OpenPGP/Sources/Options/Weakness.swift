internal import Omnibus

/// What is refused unless a route allows it by name.
enum Weakness: String, OptionEnum {
  /// Keys that have expired.
  case expiredKey = "expired_key"
  /// Keys that their owners revoked.
  case revokedKey = "revoked_key"
  /// RSA below 2048 bits, DSA and ElGamal, curves below 255 bits.
  case weakKey = "weak_key"
  /// Signatures by MD5, SHA-1 and RIPEMD-160.
  case weakHash = "weak_hash"
  /// Ciphers with blocks of 64 bits: IDEA, Triple-DES, CAST5, Blowfish.
  case weakCipher = "weak_cipher"
  /// Messages that could have been changed on their way without anybody noticing.
  case noIntegrity = "no_integrity"
  /// Signatures by keys that are not among the public keys, beside one that is good where one is asked for.
  case unknownSigner = "unknown_signer"
}
