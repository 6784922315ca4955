import Omnibus
import OmnibusHTTP
import OmnibusReactor
import OmnibusTesting
import Synchronization

/// An HTTP server that answers as a test says, and keeps what came in.
final class AWSStub: Sendable {
  typealias Answer = @Sendable (HTTPRequest) async -> HTTPResponse

  let requests = Recorder<HTTPRequest>()
  private let listener: HTTPListener
  private let answer: Mutex<Answer>

  init(_ answer: @escaping Answer) throws {
    self.answer = Mutex(answer)
    guard let any = SocketAddress("127.0.0.1:0") else { throw Failure(.internal, "expected an address") }
    listener = try HTTPListener.open(any, reactors: Context.testing().reactors)
    let path = try PathPattern("/{rest...}")
    _ = listener.add(
      HTTPEndpoint(method: nil, path: path, maxBody: 4 << 20) { [weak self] request in
        guard let self else { return HTTPResponse(status: 503) }
        self.requests.append(request)
        return await self.answer.withLock { $0 }(request)
      })
  }

  deinit {
    let listener = listener
    Task { await listener.close() }
  }

  var url: String { "http://127.0.0.1:\(listener.port)" }

  /// Answers otherwise from now on.
  func become(_ answer: @escaping Answer) { self.answer.withLock { $0 = answer } }

  /// An answer with a text.
  static func text(_ status: Int, _ text: String, headers: Headers = Headers()) -> HTTPResponse {
    HTTPResponse(status: status, headers: headers, body: .bytes(Array(text.utf8)))
  }
}

extension HTTPRequest {
  /// Its body as text.
  var text: String {
    if case .bytes(let bytes) = body { String(decoding: bytes, as: UTF8.self) } else { "" }
  }

  /// The id of the access key that signed it.
  var accessKey: String {
    let authorization = headers["authorization"] ?? ""
    guard let start = authorization.firstRange(of: "Credential=")?.upperBound else { return "" }
    return String(authorization[start...].prefix { $0 != "/" })
  }
}
