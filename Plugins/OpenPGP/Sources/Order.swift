internal import Omnibus

/// What a provider is to do.
enum Order: Sendable {
  case encrypt(Encryption)
  case decrypt(Decryption)
  case sign(Signing)
  case verify(Verification)

  /// What the route allows that is refused otherwise.
  var allowed: Set<Weakness> {
    switch self {
    case .encrypt(let order): order.allowed
    case .decrypt(let order): order.signatures.allowed
    case .sign(let order): order.allowed
    case .verify(let order): order.signatures.allowed
    }
  }
}

/// How data is packed before it is encrypted or signed.
enum Compression: String, OptionEnum { case none, zip, zlib, bzip2 }

/// The hash of signatures.
enum HashAlgorithm: String, OptionEnum { case sha256, sha384, sha512 }

/// The cipher of messages.
enum Cipher: String, OptionEnum { case aes128, aes192, aes256 }

/// Encrypts, and signs what is encrypted.
struct Encryption: Sendable {
  var recipients: [KeyName]
  var signers: [KeyName] = []
  var isArmored = false
  var compression = Compression.none
  var level = 6
  var cipher = Cipher.aes256
  var hash = HashAlgorithm.sha256
  var allowed: Set<Weakness> = []
}

/// Decrypts, and verifies what was signed.
struct Decryption: Sendable {
  var signatures: SignaturePolicy
}

/// Signs.
struct Signing: Sendable {
  /// What the signature comes with.
  enum Form: String, OptionEnum {
    /// The data is packed with it.
    case message
    /// Text stays readable before it (RFC 4880, 7).
    case cleartext
    /// Nothing: it is kept apart.
    case detached
  }

  var signers: [KeyName]
  var form = Form.message
  var isArmored = false
  var compression = Compression.none
  var level = 6
  var hash = HashAlgorithm.sha256
  var allowed: Set<Weakness> = []
}

/// Verifies.
struct Verification: Sendable {
  /// The signature that was kept apart; nil where it comes with the data.
  var detached: [UInt8]?
  var signatures: SignaturePolicy
}

/// Which signatures a message must have, and may have.
struct SignaturePolicy: Sendable {
  /// One of these must have signed; nil where nobody must.
  var signers: [KeyName]?
  /// Whether somebody must have signed.
  var isRequired = false
  var allowed: Set<Weakness> = []
}
