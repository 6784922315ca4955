internal import Omnibus
internal import OmnibusExpression

/// The options of `pgp_verify`.
struct VerifyOptions: Options {
  @Option(help: "the keys")
  var keys: KeyRingOptions

  @Option(
    help: "the public keys of which one must have signed: fingerprints, key ids, user ids or addresses",
    default: "any of the keys")
  var signedBy: [KeyName]? = nil

  @Option(
    help: "a signature that was kept apart, armoured or in base64; the body is what it signs, and stays",
    default: "the body is a signed message, of which the body is what was signed")
  var signature: TextTemplate? = nil

  @Option(help: "the content type of the body of a signed message", default: .code("application/octet-stream"))
  var contentType: String? = nil

  @Option(help: "what a message may unpack to", default: .code("{}"))
  var limits: OpeningOptions = OpeningOptions()

  @Option(help: "what to take although it is refused otherwise", default: "nothing")
  var allow: [Weakness] = []

  func validate(_ node: Node, in scope: LoadScope) {
    guard signature != nil, contentType != nil else { return }
    scope.report(
      "conflicting-options", at: node["content_type"]?.location ?? node.location,
      "\(scope.subject): content_type has no meaning with signature: the body stays as it is", help: "leave it out")
  }

  var policy: SignaturePolicy { SignaturePolicy(signers: signedBy, isRequired: true, allowed: Set(allow)) }
}
