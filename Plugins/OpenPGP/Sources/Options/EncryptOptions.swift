internal import Omnibus

/// The options of `pgp_encrypt`.
struct EncryptOptions: Options {
  @Option(help: "the keys")
  var keys: KeyRingOptions

  @Option(
    help: "whom to encrypt for: fingerprints, key ids, user ids or addresses; each must be one key",
    check: { $0.isEmpty ? "must name somebody" : nil })
  var recipients: [KeyName]

  @Option(help: "the secret keys to sign with; the signature is encrypted along", default: "none")
  var signWith: [KeyName] = []

  @Option(help: "write text (ASCII armour) instead of bytes; a third larger")
  var armor: Bool = false

  @Option(help: "how to pack the body first")
  var compression: Compression = .none

  @Option(help: "how hard to pack it", range: 1...9)
  var level: Int = 6

  @Option(help: "the cipher; messages are always protected against being changed")
  var cipher: Cipher = .aes256

  @Option(help: "the hash of the signatures")
  var hash: HashAlgorithm = .sha256

  @Option(help: "what to use although it is refused otherwise", default: "nothing")
  var allow: [Weakness] = []

  /// What they ask for.
  var order: Encryption {
    Encryption(
      recipients: recipients, signers: signWith, isArmored: armor, compression: compression, level: level,
      cipher: cipher, hash: hash, allowed: Set(allow))
  }
}
