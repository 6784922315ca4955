internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

/// What is done with an answer after the route: tags, conditions, compression, and the fields that caches and browsers
/// want to see.
struct AnswerFinish: Sendable {
  /// Bodies below it are not worth compressing.
  private static let smallest = 1024
  /// What is compressed on a thread of its own, as it would hold the reactor for milliseconds.
  private static let large = 64 << 10

  private let compresses: Bool
  private let tags: Bool
  private let cors: CORSPolicy?
  /// The request's fields that the answer depends on; nil for none.
  private let vary: String?
  private let context: Context

  init(_ options: RESTSourceOptions, _ cors: CORSPolicy?, _ context: Context) {
    compresses = options.compress
    tags = options.etag
    self.cors = cors
    self.context = context
    let vary = [
      options.produces.count > 1 ? "Accept" : nil, options.compress ? "Accept-Encoding" : nil,
      cors?.variesByOrigin == true ? "Origin" : nil,
    ].compactMap { $0 }
    self.vary = vary.isEmpty ? nil : vary.joined(separator: ", ")
  }

  /// Turns the route's answer into the one that leaves, but for compressing it.
  func finish(_ answer: inout HTTPResponse, _ request: HTTPRequest) {
    if answer.status == 200, request.method == "GET" || request.method == "HEAD" { meet(request, &answer) }
    addFields(request.headers, &answer)
  }

  /// Whether the answer is to be compressed.
  func mustCompress(_ answer: HTTPResponse, _ request: HTTPRequest) -> Bool {
    compresses && isWorthCompressing(answer) && ContentCoding.prefersGzip(request.headers)
  }

  /// Adds what an answer needs that no route has made, too: a browser hides one without from its page.
  func addFields(_ request: Headers, _ answer: inout HTTPResponse) {
    if let vary { answer.headers.append("vary", vary) }
    cors?.allow(request, answer: &answer.headers)
  }

  private func meet(_ request: HTTPRequest, _ answer: inout HTTPResponse) {
    if tags, !answer.headers.contains("etag"), case .bytes(let bytes) = answer.body {
      answer.headers.append("etag", EntityTag(of: bytes).description)
    }
    switch Precondition(request: request.headers, answer: answer.headers, now: context.clock.wallTime) {
    case .holds: break
    case .notModified: answer = answer.asNotModified
    case .failed: answer = ProblemDocument(412, "precondition_failed", "The condition does not hold").response
    }
  }

  private func isWorthCompressing(_ answer: HTTPResponse) -> Bool {
    switch answer.body {
    case .bytes(let bytes) where bytes.count >= Self.smallest: break
    case .stream(let stream) where stream.length ?? .max >= Self.smallest: break
    default: return false
    }
    guard answer.status != 206, !answer.headers.contains("content-encoding"),
      let type = answer.headers["content-type"], ContentCoding.isCompressible(type)
    else { return false }
    let control = FieldElement.list("cache-control", in: answer.headers)
    return !control.contains { $0.value.lowercased() == "no-transform" }
  }

  /// Compresses the answer. A tag that said that bytes are the same says no more than that the contents are: there are
  /// others now.
  func compress(_ answer: inout HTTPResponse) async {
    do {
      switch answer.body {
      case .bytes(let bytes) where bytes.count > Self.large:
        answer.body = .bytes(try await context.blocking.run { Gzip.encode(bytes) })
      case .bytes(let bytes): answer.body = .bytes(Gzip.encode(bytes))
      case .stream(let stream): answer.body = .stream(Gzip.encode(stream))
      case .document, .empty: return
      }
    } catch {
      return
    }
    answer.headers.append("content-encoding", "gzip")
    guard var tag = answer.headers["etag"].flatMap({ EntityTag($0) }) else { return }
    tag.isWeak = true
    answer.headers["etag"] = tag.description
  }
}
