internal import Omnibus
internal import OmnibusExpression
internal import OmnibusHTTP

/// The options of `to: rest`.
struct RESTDestinationOptions: Options {
  @Option(
    help: "the address of the system, http or https, with a path where all its paths begin with one",
    check: { WebAddress.problem($0) })
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

  @Option(
    help: "send a form instead of the body: its parts, of which one may hold the body (RFC 7578)", default: "none")
  var multipart: [MultipartPartOptions] = []

  @Option(help: "send the body in gzip, from 1 KiB on, to one who takes that")
  var compress: Bool = false

  @Option(help: "ask for the answer in gzip; it is decoded before the route sees it, within max_response")
  var acceptGzip: Bool = false

  @Option(help: "how to log in", default: "none")
  var auth: OutboundAuth = .none

  @Option(
    help: "how long the request may take, with its answer; where a body streams, the longest silence", check: isPositive
  )
  var timeout: Duration = .seconds(30)

  @Option(help: "how long it may take until a connection stands", check: isPositive)
  var connectTimeout: Duration = .seconds(10)

  @Option(help: "the largest answer to take; a larger one is a failure of kind invalid")
  var maxResponse: ByteSize = ByteSize(bytes: 10 << 20)

  @Option(help: "go where an answer with a status of 3xx points, with GET and HEAD")
  var followRedirects: Bool = false

  @Option(help: "whom to trust with https, and which certificate to show", default: .code("{}"))
  var tls: ClientTLSOptions = ClientTLSOptions()

  @Option(
    help: "the proxy to go through; environment takes it from http_proxy, https_proxy and no_proxy", default: "none")
  var proxy: ProxyOption = ProxyOption(proxy: .none)

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
    if followRedirects, case .key = auth {
      scope.report(
        "conflicting-options", at: node["follow_redirects"]?.location ?? node.location,
        "\(scope.subject): follow_redirects would hand the key to whomever an answer points at",
        help: "leave it out, and name the address that the redirects lead to")
    }
    validateForm(node, in: scope)
  }

  private func validateForm(_ node: Node, in scope: LoadScope) {
    guard let form = node["multipart"], !multipart.isEmpty else { return }
    if !method.sendsBody {
      scope.report(
        "conflicting-options", at: form.location, "\(scope.subject): multipart has no meaning with method \(method)",
        help: "write method: POST")
    }
    let bodies = (form.elements ?? []).filter { $0["value"] == nil }
    if bodies.count > 1 {
      scope.report(
        "conflicting-options", at: bodies[1].location, "\(scope.subject): two parts of multipart hold the body",
        help: "give one of them a value")
    }
    for (key, _) in node["headers"]?.entries ?? [] where key.text?.lowercased() == "content-type" {
      scope.report(
        "conflicting-options", at: key.location, "\(scope.subject): the content type of a form is made with it",
        help: "leave it out")
    }
  }

  @Sendable private static func isPositive(_ duration: Duration) -> String? {
    duration > .zero ? nil : "must be more than nothing"
  }
}
