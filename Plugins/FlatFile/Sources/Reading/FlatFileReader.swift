import Omnibus

/// Reads the records of one body, bytes or a stream, as parts.
final class FlatFileReader: PartReader {
  /// How much of a body in memory is looked at at once: what fits into a core's cache.
  private static let pieceSize = 256 << 10

  // In memory of its own: a property of a class is checked for overlapping access each time that it is used.
  private let parser: UnsafeMutablePointer<FlatFileParser>
  private let body: Body
  private var place = 0

  init(_ body: Body, _ layout: Layout) {
    self.body = body
    parser = .allocate(capacity: 1)
    parser.initialize(to: FlatFileParser(layout))
  }

  deinit {
    parser.deinitialize(count: 1)
    parser.deallocate()
  }

  func next() async throws -> Part? {
    while true {
      switch try parser.pointee.next() {
      case .record:
        // A record is far smaller than what a text may be at most.
        guard let text = parser.pointee.builder.finish() else {
          throw Failure(.internal, "a record is too large for JSON")
        }
        return Part(.document(JSONDocument(.json(text.root))), number: parser.pointee.number, line: parser.pointee.line)
      case .bad(let failure, let source):
        return Part(.bad(failure, source: source), number: parser.pointee.number, line: parser.pointee.line)
      case .incomplete: try await refill()
      case .end: return nil
      }
    }
  }

  private func refill() async throws {
    switch body {
    case .bytes(let bytes) where place < bytes.count:
      let end = min(place + Self.pieceSize, bytes.count)
      bytes.withUnsafeBufferPointer { parser.pointee.buffer.append(UnsafeBufferPointer(rebasing: $0[place..<end])) }
      place = end
    case .stream(let stream):
      guard let piece = try await stream.next() else { return parser.pointee.buffer.complete() }
      piece.withUnsafeBufferPointer { parser.pointee.buffer.append($0) }
    default:
      parser.pointee.buffer.complete()
    }
  }
}
