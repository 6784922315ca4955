internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// The options of `from: rest`.
struct RESTSourceOptions: Options {
  @Option(
    help: "the address to listen on; routes on the same address share it",
    check: { SocketAddress.split($0) == nil ? "is host:port, such as 127.0.0.1:8080" : nil })
  var listen: String = "127.0.0.1:8080"

  @Option(help: "serve HTTPS; routes on the same address must say the same", default: "none, HTTP in the clear")
  var tls: ServerTLSOptions? = nil

  @Option(help: "the path, with captures such as /patients/{id}; {rest...} at its end takes all that follows")
  var path: Path

  @Option(help: "the method or methods to take; any takes all of them", default: .code("POST"))
  var method: Methods = Methods(names: ["POST"])

  @Option(
    help: "the largest body to take, once it is decoded; a larger one is answered with 413",
    default: "`limits.http.max_body` of `omnibus.yaml`, 10MiB")
  var maxBody: ByteSize? = nil

  @Option(
    help: "the content types to take, such as application/json or text/*; others are answered with 415", default: "all")
  var consumes: [MediaType] = []

  @Option(
    help: "the content types that it answers with, the preferred first; who accepts none of them is answered with 406; "
      + "an answer that has no type gets the one that its reader prefers", default: "all")
  var produces: [MediaType] = []

  @Option(help: "who may send: checked before the body is read, 401 for others", default: "none")
  var auth: InboundAuth = .none

  @Option(help: "compress answers for those who accept gzip: text from 1 KiB on")
  var compress: Bool = false

  @Option(help: "give answers to GET a tag made of their bytes, by which who has them already is answered with 304")
  var etag: Bool = false

  @Option(help: "let pages of other origins use it in a browser", default: "off")
  var cors: CORSOptions? = nil

  @Option(help: "hand the body on as a stream, for bodies that are too large to hold")
  var stream: Bool = false

  /// The bytes of the largest body to take: what is written, else what the limits say.
  func largestBody(within limits: HTTPLimits) throws(OptionProblem) -> Int {
    let ceiling = limits.maxBodyCeiling ?? .max
    guard let maxBody else { return min(limits.maxBody, ceiling) }
    guard maxBody.bytes <= ceiling else {
      throw OptionProblem(
        "max_body", "max_body is \(maxBody), and omnibus.yaml allows at most \(ByteSize(bytes: ceiling))",
        help: "write less, or raise limits.http.max_body_ceiling in omnibus.yaml")
    }
    return maxBody.bytes
  }

  /// The path option.
  struct Path: OptionValue {
    let pattern: PathPattern

    static var shape: OptionShape { .scalar("path", example: "/patients/{id}") }

    static func decode(_ node: Node, in scope: LoadScope) -> Path? {
      guard let text = String.decode(node, in: scope) else { return nil }
      do throws(PathPattern.Problem) {
        return Path(pattern: try PathPattern(text))
      } catch {
        let problem =
          node.holdsReference ? "\(node.kindName) does not stand for a path that can be served" : error.description
        scope.report("invalid-option", at: node.location, "\(scope.subject): \(problem)")
        return nil
      }
    }
  }
}
