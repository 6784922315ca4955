internal import Omnibus
internal import OmnibusHTTP

/// The option `cors` of `from: rest`.
struct CORSOptions: Options {
  @Option(help: "the origins of the pages, such as https://app.example, or any")
  var origins: Origins

  @Option(help: "the headers that a page may send beside those that it always may")
  var headers: [String] = ["content-type"]

  @Option(help: "the headers of answers that a page may read beside those that it always may", default: "none")
  var expose: [String] = []

  @Option(help: "let the browser send its cookies and logins along")
  var credentials: Bool = false

  @Option(
    help: "how long a browser need not ask again before it sends a request",
    check: { $0 >= .zero ? nil : "must not be negative" })
  var maxAge: Duration = .seconds(600)

  /// The policy for an endpoint of these methods; nil for any.
  func policy(methods: [String]?) -> CORSPolicy {
    CORSPolicy(
      origins: origins.names, methods: methods, headers: headers, exposed: expose, allowsCredentials: credentials,
      maxAge: maxAge)
  }

  func validate(_ node: Node, in scope: LoadScope) {
    if credentials, origins.names == nil {
      scope.report(
        "conflicting-options", at: node["credentials"]?.location ?? node.location,
        "\(scope.subject): credentials need a list of origins",
        help: "write origins: [https://app.example], as browsers take no credentials with any")
    }
    for key in ["headers", "expose"] {
      for name in node[key]?.elements ?? [] where !FieldName.isToken((name.text ?? "").utf8) || name.text == "*" {
        scope.report("invalid-option", at: name.location, "\(scope.subject): \(key) holds what is no name for a header")
      }
    }
  }

  /// A list of origins (RFC 6454, 6.2), or any.
  struct Origins: OptionValue {
    /// Nil for any.
    let names: [String]?

    static var shape: OptionShape {
      .either([.oneOf(["any"]), .list(.scalar("origin", example: "https://app.example"))])
    }

    static func decode(_ node: Node, in scope: LoadScope) -> Origins? {
      if node.text == "any" { return Origins(names: nil) }
      guard node.elements?.isEmpty == false else {
        scope.reportMistyped(node, expected: shape)
        return nil
      }
      guard let names = [String].decode(node, in: scope) else { return nil }
      let wrong = names.firstIndex { !isOrigin($0) }
      guard let wrong else { return Origins(names: names) }
      scope.report(
        "invalid-option", at: node.elements?[wrong].location ?? node.location,
        "\(scope.subject): \"\(names[wrong])\" is no origin as browsers write it",
        help: "write scheme, host and, where it is not the usual one, port, in lower case: https://app.example")
      return nil
    }

    private static func isOrigin(_ text: String) -> Bool {
      guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return false }
      let host = text.dropFirst(scheme.count)
      return !host.isEmpty && text == text.lowercased() && host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        && !host.contains { "/?#@*,".contains($0) }
    }
  }
}
