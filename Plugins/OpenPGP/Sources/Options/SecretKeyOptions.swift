internal import Omnibus

/// Where secret keys come from.
struct SecretKeyOptions: Options {
  @Option(
    help:
      "a file with keys, armoured or binary, as gpg --export-secret-keys writes it, relative to the routes file; it is read again when it changes",
    default: "none")
  var file: String? = nil

  @Option(help: "the keys themselves, armoured", default: "none")
  var key: Secret? = nil

  @Option(help: "the passphrase of the keys", default: "none, they are not protected")
  var passphrase: Secret? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    guard (file == nil) == (key == nil) else { return }
    scope.report(
      "conflicting-options", at: node.location, "\(scope.subject) takes one of file and key",
      help: "write file: keys/ours.asc, or key: \"${env:NAME}\"")
  }
}
