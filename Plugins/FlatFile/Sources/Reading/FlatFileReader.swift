import Omnibus

/// Reads the records of one body, bytes or a stream, as parts.
final class FlatFileReader: PartReader {
  /// How much of a body in memory is looked at at once: what fits into a core's cache.
  private static let pieceSize = 256 << 10

  private var parser: FlatFileParser
  private let body: Body
  private var place = 0

  init(_ body: Body, _ layout: Layout) {
    self.body = body
    parser = FlatFileParser(layout)
  }

  func next() async throws -> Part? {
    while true {
      switch try parser.next() {
      case .record:
        // A record is far smaller than what a text may be at most.
        guard let text = parser.builder.finish() else { throw Failure(.internal, "a record is too large for JSON") }
        return Part(.document(JSONDocument(.json(text.root))), number: parser.number, line: parser.line)
      case .bad(let failure, let source):
        return Part(.bad(failure, source: source), number: parser.number, line: parser.line)
      case .incomplete: try await refill()
      case .end: return nil
      }
    }
  }

  private func refill() async throws {
    switch body {
    case .bytes(let bytes) where place < bytes.count:
      let end = min(place + Self.pieceSize, bytes.count)
      bytes.withUnsafeBufferPointer { parser.buffer.append(UnsafeBufferPointer(rebasing: $0[place..<end])) }
      place = end
    case .stream(let stream):
      guard let piece = try await stream.next() else { return parser.buffer.complete() }
      piece.withUnsafeBufferPointer { parser.buffer.append($0) }
    default:
      parser.buffer.complete()
    }
  }
}
