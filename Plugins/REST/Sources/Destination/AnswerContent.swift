internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor

extension HTTPClientResponse {
  /// What is decoded on a thread of its own, as it may hold the reactor for milliseconds.
  private static var large: Int { 16 << 10 }

  /// Undoes the content coding, of which the fields then say nothing: `limit` bytes come of it at the most, in memory.
  /// Fails with kind `invalid`.
  mutating func decodeContent(limit: Int, on blocking: BlockingExecutor) async throws {
    if case .empty = body { return }
    switch ContentCoding(headers) {
    case .identity: return
    case .gzip: break
    case nil: throw Failure(.invalid, "the answer has a content coding that was not asked for, expected gzip or none")
    }
    do {
      switch body {
      case .bytes(let bytes) where bytes.count > Self.large:
        body = .bytes(try await blocking.run { try Gzip.decode(bytes, limit: limit) })
      case .bytes(let bytes): body = .bytes(try Gzip.decode(bytes, limit: limit))
      case .stream(let stream): body = .stream(Gzip.decode(stream, limit: .max))
      case .document, .empty: return
      }
    } catch let problem as GzipProblem {
      throw Failure(.invalid, "the answer cannot be decoded: \(problem.reason)")
    }
    for name in ["content-encoding", "content-length"] { headers.remove(name) }
  }
}
