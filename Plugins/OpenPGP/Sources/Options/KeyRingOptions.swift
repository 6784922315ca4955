internal import Omnibus

/// The option `keys` of all steps. Steps with the same keys share them, loaded and unlocked.
struct KeyRingOptions: Options {
  @Option(help: "the keys of others, to encrypt to and to verify by", name: "public", default: "none")
  var publicKeys: [PublicKeyOptions] = []

  @Option(help: "keys of one's own, to decrypt and to sign with", name: "secret", default: "none")
  var secretKeys: [SecretKeyOptions] = []

  func validate(_ node: Node, in scope: LoadScope) {
    guard publicKeys.isEmpty, secretKeys.isEmpty, scope.problemCount == 0 else { return }
    scope.report(
      "missing-option", at: node.location, "\(scope.subject) names no key",
      help: "write public: [ { file: keys/partner.asc } ], secret: [ { file: keys/ours.asc } ]")
  }
}
