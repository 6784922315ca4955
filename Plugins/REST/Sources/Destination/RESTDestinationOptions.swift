internal import Omnibus
internal import OmnibusExpression

/// The options of `to: rest`.
struct RESTDestinationOptions: Options {
  @Option(
    help: "the address of the system, http or https, with a path where all its paths begin with one",
    check: Self.problem)
  var url: String

  @Option(help: "the path behind the url; what an expression makes is one part of it, and cannot add others")
  var path: TextTemplate = TextTemplate("")

  @Option(help: "the parameters behind the path", default: "none")
  var query: OptionMap<TextTemplate> = OptionMap()

  @Option(help: "the method; the body is sent with POST, PUT and PATCH")
  var method: Method = .post

  @Option(
    help: "the headers to send beside content-type and the trace context; none of the message's travel by themselves",
    default: "none")
  var headers: OptionMap<TextTemplate> = OptionMap()

  @Option(help: "how to log in", default: "none")
  var auth: OutboundAuth = .none

  @Option(help: "how long the exchange may take; where a body streams, the longest silence", check: isPositive)
  var timeout: Duration = .seconds(30)

  @Option(help: "how long it may take until a connection stands", check: isPositive)
  var connectTimeout: Duration = .seconds(10)

  @Option(help: "the largest answer to take; a larger one is a failure of kind invalid")
  var maxResponse: ByteSize = ByteSize(bytes: 10 << 20)

  @Option(help: "go where an answer with a status of 3xx points, with GET and HEAD")
  var followRedirects: Bool = false

  @Option(help: "whom to trust with https, and which certificate to show", default: .code("{}"))
  var tls: ClientTLSOptions = ClientTLSOptions()

  @Option(help: "take the answer as a stream, for answers that are too large to hold")
  var stream: Bool = false

  func validate(_ node: Node, in scope: LoadScope) {
    for (key, _) in node["headers"]?.entries ?? [] {
      guard let name = key.text, let problem = HeaderName.problem(name) else { continue }
      scope.report("invalid-option", at: key.location, "\(scope.subject).headers: \"\(name)\" \(problem)")
    }
    if let path = path.constant, path.contains(where: { $0 == "?" || $0 == "#" }) {
      scope.report(
        "invalid-option", at: node["path"]?.location ?? node.location, "\(scope.subject): path holds a \"?\" or \"#\"",
        help: "write parameters as query: { name: value }")
    }
  }

  private static func problem(_ url: String) -> String? {
    let lower = url.lowercased()
    guard let scheme = ["http://", "https://"].first(where: lower.hasPrefix) else {
      return "starts with http:// or https://"
    }
    let host = url.dropFirst(scheme.count).prefix { $0 != "/" }
    guard !host.isEmpty, !host.hasPrefix(":") else { return "names no host" }
    if host.contains("@") { return "holds a user, who is written as auth: { basic: { user: …, password: … } }" }
    guard url.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { return "holds a space or a control character" }
    if url.contains(where: { $0 == "?" || $0 == "#" }) {
      return "holds a \"?\" or \"#\"; parameters are written as query: { name: value }"
    }
    return nil
  }

  @Sendable private static func isPositive(_ duration: Duration) -> String? {
    duration > .zero ? nil : "must be more than nothing"
  }
}
