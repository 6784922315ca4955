internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// The options of `from: openapi`.
struct OpenAPISourceOptions: Options {
  @Option(
    help: "the address whose rest routes the document describes, and where it is had",
    check: { SocketAddress.split($0) == nil ? "is host:port, such as 127.0.0.1:8080" : nil })
  var listen: String = "127.0.0.1:8080"

  @Option(help: "speak TLS, as the routes on the address do", default: "none, in the clear")
  var tls: ServerTLSOptions? = nil

  @Option(help: "the path of the document", default: .code("/openapi.json"))
  var path: RESTSourceOptions.Path? = nil

  @Option(help: "what the whole is called in the document")
  var title: String = "Omnibus"

  @Option(help: "the version that the document says it has")
  var version: String = "1.0.0"

  @Option(help: "who may read it", default: "none")
  var auth: InboundAuth = .none

  @Option(help: "let pages of other origins read it in a browser", default: "off")
  var cors: CORSOptions? = nil

  /// The source: one that answers GET with the document, after the steps of the route.
  func source(_ context: Context) throws -> RESTSource {
    let path = try self.path ?? RESTSourceOptions.Path(pattern: PathPattern("/openapi.json"))
    let served = RESTSourceOptions()
    served.listen = listen
    served.tls = tls
    served.path = path
    served.method = Methods(names: [Method.get.rawValue])
    served.auth = auth
    served.cors = cors
    served.compress = true
    served.etag = true
    return try RESTSource(served, context) { [title, version] listener in
      let document = OpenAPIDocument(title: title, version: version, endpoints: listener.served)
      return .document(JSONDocument(document.value))
    }
  }
}
