internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// Where the access tokens of a destination come from, and who asks for them.
struct OAuth2Options: Options {
  enum Authentication: String, OptionEnum { case basic, post }

  @Option(
    help: "the address of the token endpoint", check: { WebAddress.problem($0, what: "parameters: { name: value }") }
  )
  var tokenUrl: String

  @Option(help: "the id of the client", check: { $0.isEmpty ? "must not be empty" : nil })
  var clientId: String

  @Option(help: "the secret of the client", check: { $0.reveal.isEmpty ? "must not be empty" : nil })
  var clientSecret: Secret

  @Option(help: "what the tokens are to be good for", default: "what the server gives")
  var scope: [String] = []

  @Option(help: "further parameters of the request, such as audience or resource", default: "none")
  var parameters: OptionMap<String> = OptionMap()

  @Option(help: "how id and secret are sent: as HTTP Basic, or in the body for servers that want them there")
  var clientAuth: Authentication = .basic

  private static let reserved = ["client_id", "client_secret", "grant_type", "scope"]

  func validate(_ node: Node, in scope: LoadScope) {
    for (key, _) in node["parameters"]?.entries ?? [] where Self.reserved.contains(key.text ?? "") {
      scope.report(
        "invalid-option", at: key.location, "\(scope.subject): \"\(key.text ?? "")\" is no further parameter",
        help: "it is made of the other options")
    }
  }

  /// The request for a token (RFC 6749, 4.4.2 and 2.3.1). Its time-outs are none of a destination: several share it.
  func request(_ tls: TLSClientConfiguration, _ proxy: HTTPProxy) -> HTTPClientRequest {
    var form = [("grant_type", "client_credentials")]
    if !scope.isEmpty { form.append(("scope", scope.joined(separator: " "))) }
    form += parameters.entries.map { ($0.key, $0.value) }
    var request = HTTPClientRequest(
      method: Method.post.rawValue, url: tokenUrl, maxResponse: AccessTokens.maxAnswer, tls: tls, proxy: proxy)
    request.headers = ["content-type": "application/x-www-form-urlencoded", "accept": "application/json"]
    switch clientAuth {
    case .basic:
      let login = PercentEncoding.encode(clientId) + ":" + PercentEncoding.encode(clientSecret.reveal)
      request.headers.append("authorization", "Basic \(Base64.encode(Array(login.utf8)))")
    case .post: form += [("client_id", clientId), ("client_secret", clientSecret.reveal)]
    }
    let pairs = form.map { "\(PercentEncoding.encode($0.0))=\(PercentEncoding.encode($0.1))" }
    request.content = .bytes(Array(pairs.joined(separator: "&").utf8))
    return request
  }
}
