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
  private var offset = 0
  private let batch: UnsafeMutablePointer<RecordBatch>
  private let hasLines: Bool
  /// Turns the body's bytes into UTF-8; nil where they are that already.
  private var decoder: TextDecoder?
  private var text: [UInt8] = []
  /// What ends the reading once the records before it have been taken.
  private var ending: Failure?

  init(_ body: Body, _ layout: Layout) {
    self.body = body
    hasLines = layout.dialect.blockWidth == nil
    decoder = layout.decoder
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
    if let ending { throw ending }
    var places: [PartPlace] = []
    places.reserveCapacity(Self.batchLimit.records)
    var bad: Part?
    parser.pointee.builder.beginArray()
    reading: while places.count < Self.batchLimit.records, parser.pointee.builder.byteCount < Self.batchLimit.bytes {
      switch try nextStep(isFirst: places.isEmpty) {
      case .record:
        places.append(place)
      case .bad(let failure, let source):
        bad = Part(.bad(failure, source: source), number: place.number, line: place.line)
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

  /// What comes next; nothing where reading fails behind records of the same batch, which come first.
  private func nextStep(isFirst: Bool) throws(Failure) -> FlatFileParser.Step {
    do throws(Failure) {
      return try parser.pointee.next()
    } catch {
      guard !isFirst else { throw error }
      ending = error
      return .end
    }
  }

  /// Which record the parser was at last.
  private var place: PartPlace {
    PartPlace(
      number: parser.pointee.number, line: hasLines ? parser.pointee.line : nil, type: parser.pointee.typeName)
  }

  func refill() async throws -> Bool {
    if parser.pointee.buffer.isComplete { return false }
    switch body {
    case .bytes(let bytes) where offset < bytes.count:
      let end = min(offset + Self.pieceSize, bytes.count)
      try bytes.withUnsafeBufferPointer { try take(UnsafeBufferPointer(rebasing: $0[offset..<end])) }
      offset = end
    case .stream(let stream):
      if let piece = try await stream.next() {
        try piece.withUnsafeBufferPointer { try take($0) }
      } else {
        end()
      }
    default: end()
    }
    return true
  }

  private func take(_ piece: UnsafeBufferPointer<UInt8>) throws(Failure) {
    guard decoder != nil else { return parser.pointee.buffer.append(piece) }
    text.removeAll(keepingCapacity: true)
    decoder?.decode(piece, into: &text)
    if decoder?.isMarkMissing == true { throw Layout.missingMark }
    text.withUnsafeBufferPointer { parser.pointee.buffer.append($0) }
  }

  private func end() {
    text.removeAll(keepingCapacity: true)
    decoder?.finish(into: &text)
    text.withUnsafeBufferPointer { parser.pointee.buffer.append($0) }
    parser.pointee.buffer.complete()
  }
}
