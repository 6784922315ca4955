import Omnibus

/// Reads the records of one body, bytes or a stream, as parts. Records are read by the batch into one JSON text, so that
/// a record costs no memory of its own.
final class FlatFileReader: PartReader {
  /// How much of a body in memory is looked at at once: what fits into a core's cache.
  private static let pieceSize = 256 << 10
  /// How large a batch may become before it takes no more records; its text and index fit into a core's cache.
  private static let batchLimit = (records: 256, bytes: 48 << 10)

  // In memory of its own: a property of a class is checked for overlapping access each time that it is used.
  private let parser: UnsafeMutablePointer<FlatFileParser>
  private let body: Body
  private var place = 0
  private let batch: UnsafeMutablePointer<RecordBatch>

  init(_ body: Body, _ layout: Layout) {
    self.body = body
    parser = .allocate(capacity: 1)
    parser.initialize(to: FlatFileParser(layout))
    batch = .allocate(capacity: 1)
    batch.initialize(to: RecordBatch())
  }

  deinit {
    parser.deinitialize(count: 1)
    parser.deallocate()
    batch.deinitialize(count: 1)
    batch.deallocate()
  }

  func nextReady() throws -> Part? {
    if let part = batch.pointee.next() { return part }
    batch.pointee = try readBatch()
    return batch.pointee.next()
  }

  /// Reads records up to the limit, to the first that cannot be read, or to the end of what is there.
  private func readBatch() throws -> RecordBatch {
    var places: [PartPlace] = []
    places.reserveCapacity(Self.batchLimit.records)
    var bad: Part?
    parser.pointee.builder.beginArray()
    reading: while places.count < Self.batchLimit.records, parser.pointee.builder.byteCount < Self.batchLimit.bytes {
      switch try parser.pointee.next() {
      case .record:
        places.append(PartPlace(number: parser.pointee.number, line: parser.pointee.line))
      case .bad(let failure, let source):
        bad = Part(.bad(failure, source: source), number: parser.pointee.number, line: parser.pointee.line)
        break reading
      case .incomplete, .end: break reading
      }
    }
    guard !places.isEmpty else {
      parser.pointee.builder.reset()
      return RecordBatch(bad: bad)
    }
    parser.pointee.builder.endArray()
    // A batch is far smaller than what a text may be at most.
    guard let text = parser.pointee.builder.finish() else {
      throw Failure(.internal, "a record is too large for JSON")
    }
    return RecordBatch(text, places, bad: bad)
  }

  func refill() async throws -> Bool {
    if parser.pointee.buffer.isComplete { return false }
    switch body {
    case .bytes(let bytes) where place < bytes.count:
      let end = min(place + Self.pieceSize, bytes.count)
      bytes.withUnsafeBufferPointer { parser.pointee.buffer.append(UnsafeBufferPointer(rebasing: $0[place..<end])) }
      place = end
    case .stream(let stream):
      if let piece = try await stream.next() {
        piece.withUnsafeBufferPointer { parser.pointee.buffer.append($0) }
      } else {
        parser.pointee.buffer.complete()
      }
    default:
      parser.pointee.buffer.complete()
    }
    return true
  }
}
