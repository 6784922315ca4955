internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

extension Message {
  /// What is decoded on a thread of its own, as it may hold the reactor for milliseconds.
  private static var large: Int { 16 << 10 }

  /// Decodes a body that came in with a content coding, which is none that is not known. What it is then is no larger
  /// than `limit`, in bytes, and counted at `hold`; a stream, which is not held, fails where it comes to be.
  mutating func decodeContent(
    limit: Int, hold: ContentHold, on blocking: BlockingExecutor
  ) async throws(GzipProblem) {
    if case .empty = body { return }
    guard ContentCoding(headers) == .gzip else { return headers.remove("content-encoding") }
    switch body {
    case .bytes(let bytes): body = .bytes(try await Self.decoded(bytes, limit, hold, blocking))
    case .stream(let stream): body = .stream(Gzip.decode(stream, limit: limit))
    case .document, .empty: return
    }
    for name in ["content-encoding", "content-length"] { headers.remove(name) }
  }

  private static func decoded(
    _ bytes: [UInt8], _ limit: Int, _ hold: ContentHold, _ blocking: BlockingExecutor
  ) async throws(GzipProblem) -> [UInt8] {
    guard bytes.count > large else { return try Gzip.decode(bytes, limit: limit, hold: hold) }
    do {
      return try await blocking.run { try Gzip.decode(bytes, limit: limit, hold: hold) }
    } catch {
      throw error as? GzipProblem ?? .malformed
    }
  }
}

extension ProblemDocument {
  /// The answer for a body that could not be decoded.
  init(_ problem: GzipProblem) {
    switch problem {
    case .malformed: self.init(400, "invalid", "The body is not what its content coding says", detail: problem.reason)
    case .noMemory: self.init(503, "overloaded", "There is no memory for the body", detail: problem.reason)
    case .tooLarge, .bomb:
      self.init(413, "content_too_large", "The body is larger than allowed", detail: problem.reason)
    }
  }
}
