internal import Omnibus

/// The options of `pgp_decrypt`.
struct DecryptOptions: Options {
  @Option(help: "the keys")
  var keys: KeyRingOptions

  @Option(
    help: "the public keys of which one must have signed: fingerprints, key ids, user ids or addresses",
    default: "nobody must")
  var signedBy: [KeyName]? = nil

  @Option(help: "the content type of the body; expressions read the body by it")
  var contentType: String = "application/octet-stream"

  @Option(help: "what a message may unpack to", default: .code("{}"))
  var limits: OpeningOptions = OpeningOptions()

  @Option(help: "what to take although it is refused otherwise", default: "nothing")
  var allow: [Weakness] = []

  var policy: SignaturePolicy {
    SignaturePolicy(signers: signedBy, isRequired: signedBy != nil, allowed: Set(allow))
  }
}
