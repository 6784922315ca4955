internal import Omnibus
internal import OmnibusExpression
internal import OmnibusHTTP
internal import OmnibusReactor

/// Makes what is sent with a request of the message's body.
struct RequestBody: Sendable {
  /// Bodies below it are not worth compressing.
  private static let smallest = 1024
  /// What is compressed on a thread of its own, as it would hold the reactor for milliseconds.
  private static let large = 64 << 10

  let parts: [MultipartPartOptions]
  let compresses: Bool

  /// What is sent, with the content type that is said where the route says none, and whether it is gzip.
  struct Made {
    var content = HTTPClientRequest.Content.empty
    var type: String?
    var isGzip = false
  }

  /// Encodes what is worth it.
  func compress(_ made: inout Made, _ context: Context) async throws {
    switch made.content {
    case .empty: return
    case .bytes(let bytes):
      guard bytes.count >= Self.smallest else { return }
      made.content = .bytes(
        bytes.count > Self.large ? try await context.blocking.run { Gzip.encode(bytes) } : Gzip.encode(bytes))
    case .stream(let stream): made.content = .stream(Gzip.encode(stream))
    }
    made.isGzip = true
  }

  /// The body for a message; a stream is claimed.
  func make(_ message: inout Message, _ context: Context) throws(Failure) -> Made {
    guard !parts.isEmpty else {
      let body = try Self.body(of: message)
      return Made(content: body.content, type: body.type)
    }
    var made: [MultipartForm.Part] = []
    for part in parts { made.append(try part.part(&message, context, body: Self.body)) }
    let form = MultipartForm(made)
    return Made(content: form.content, type: form.contentType)
  }

  private static func body(
    of message: Message
  ) throws(Failure) -> (content: HTTPClientRequest.Content, type: String?) {
    switch message.body {
    case .empty: return (.empty, message.contentType)
    case .bytes(let bytes): return (.bytes(bytes), message.contentType)
    case .document(let document):
      return (.bytes(try document.serialize()), message.contentType ?? document.mediaType)
    case .stream(let stream):
      try stream.claim()
      return (.stream(stream), message.contentType)
    }
  }
}
