internal import Omnibus

/// The options of `pgp_sign`.
struct SignOptions: Options {
  @Option(help: "the keys")
  var keys: KeyRingOptions

  @Option(
    help: "the secret keys to sign with: fingerprints, key ids, user ids or addresses",
    check: { $0.isEmpty ? "must name somebody" : nil })
  var signWith: [KeyName]

  @Option(
    help: "a message with the body in it, text that stays readable, or the signature alone, which becomes the body")
  var form: Signing.Form = .message

  @Option(help: "a header for the detached signature, in base64; the body stays", default: "none")
  var header: String? = nil

  @Option(help: "a property for the detached signature, armoured; the body stays", default: "none")
  var property: String? = nil

  @Option(help: "write text (ASCII armour) instead of bytes")
  var armor: Bool = false

  @Option(help: "how to pack the body of a message first")
  var compression: Compression = .none

  @Option(help: "the hash of the signatures")
  var hash: HashAlgorithm = .sha256

  @Option(
    help: "the folder for files without a name, in which a stream waits while a signature for a header is made of it")
  var spool: String = "/var/tmp"

  @Option(help: "what to use although it is refused otherwise", default: "nothing")
  var allow: [Weakness] = []

  /// Whether the body stays.
  var isAside: Bool { header != nil || property != nil }

  func validate(_ node: Node, in scope: LoadScope) {
    if header != nil, property != nil {
      scope.report(
        "conflicting-options", at: node["property"]?.location ?? node.location,
        "\(scope.subject) takes one of header and property", help: "leave one out")
    }
    if isAside, form != .detached {
      scope.report(
        "conflicting-options", at: node.location,
        "\(scope.subject): header and property are for detached signatures", help: "write form: detached")
    }
    if let header, header.isEmpty || !header.utf8.allSatisfy(Self.isNamePart) {
      scope.report(
        "invalid-option", at: node["header"]?.location ?? node.location,
        "\(scope.subject): header is letters, digits and \"-\"")
    }
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "-") || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
  }

  /// What they ask for; a signature for a header is encoded there.
  var order: Signing {
    Signing(
      signers: signWith, form: form, isArmored: header == nil && (armor || property != nil), compression: compression,
      hash: hash, allowed: Set(allow))
  }
}
