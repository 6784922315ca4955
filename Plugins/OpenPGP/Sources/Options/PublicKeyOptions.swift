internal import Omnibus
internal import OmnibusReactor

/// Where public keys come from: one of a file, a keybox and an address.
struct PublicKeyOptions: Options {
  @Option(
    help: "a file with keys, armoured or binary, relative to the routes file; it is read again when it changes",
    default: "none")
  var file: String? = nil

  @Option(help: "a keybox of GnuPG, pubring.kbx; it is read again when it changes", default: "none")
  var keybox: String? = nil

  @Option(help: "an address, http or https, that answers with the key of the fingerprint", default: "none")
  var url: String? = nil

  @Option(help: "the fingerprint of the one key that is taken from the url; any other is refused", default: "none")
  var fingerprint: Fingerprint? = nil

  @Option(
    help: "how long a key from a url is good before it is fetched again; until there is another it stays in use",
    range: .seconds(1)...Duration.seconds(30 * 86_400))
  var refresh: Duration = .seconds(3600)

  @Option(help: "how long fetching may take", range: .milliseconds(100)...Duration.seconds(300))
  var timeout: Duration = .seconds(10)

  @Option(help: "whom to trust with https, and which certificate to show", default: .code("{}"))
  var tls: ClientTLSOptions = ClientTLSOptions()

  func validate(_ node: Node, in scope: LoadScope) {
    if [file, keybox, url].count(where: { $0 != nil }) != 1 {
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes one of file, keybox and url",
        help: "write one entry of the list for each")
    }
    if (url == nil) != (fingerprint == nil) {
      scope.report(
        "conflicting-options", at: node.location, "\(scope.subject) takes url and fingerprint together",
        help: "write url: \"https://…\", fingerprint: \"…\"")
    }
    if let url, let problem = Self.problem(url) {
      scope.report("invalid-option", at: node["url"]?.location ?? node.location, "\(scope.subject): url \(problem)")
    }
  }

  private static func problem(_ url: String) -> String? {
    let lower = url.lowercased()
    guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
      return "starts with http:// or https://"
    }
    let host = url.dropFirst(scheme.count).prefix { $0 != "/" }
    if host.isEmpty || host.hasPrefix(":") { return "names no host" }
    if host.contains("@") { return "holds a user" }
    return url.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F } ? nil : "holds a space or a control character"
  }
}
