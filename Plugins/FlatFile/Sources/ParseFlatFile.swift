import Omnibus

/// Decodes a whole flat file into a list of objects. One record that cannot be read fails it all, and the failure lists
/// every one of them.
struct ParseFlatFile: Transformer {
  /// How many records a failure lists.
  private static let problemLimit = 100

  let layout: Layout

  func transform(_ message: inout Message, _ context: Context) throws {
    if case .document = message.body {
      throw Failure(.invalid, "the body is decoded already, expected the bytes of a flat file")
    }
    var parser = FlatFileParser(layout)
    var text = try message.bodyBytes()
    if var decoder = layout.decoder {
      text = []
      try message.bodyBytes().withUnsafeBufferPointer { decoder.decode($0, into: &text) }
      decoder.finish(into: &text)
      if decoder.isMarkMissing { throw Layout.missingMark }
    }
    text.withUnsafeBufferPointer { parser.buffer.append($0) }
    parser.buffer.complete()
    message.body = .document(JSONDocument(.json(try Self.records(&parser).root)))
    message.contentType = "application/json"
  }

  private static func records(_ parser: inout FlatFileParser) throws(Failure) -> JSONText {
    var bad: [Failure] = []
    var badCount = 0
    parser.builder.beginArray()
    loop: while true {
      switch try parser.next() {
      case .record:
        if parser.builder.isTooLarge { throw Failure(.invalid, "the records are too large for one JSON document") }
        if badCount > 0 { parser.builder.reset() }
      case .bad(let failure, _):
        badCount += 1
        if badCount <= problemLimit { bad.append(failure) }
      // All bytes are there, so there are no more to wait for.
      case .incomplete, .end: break loop
      }
    }
    if let first = bad.first { throw summary(first, bad, count: badCount) }
    parser.builder.endArray()
    guard let text = parser.builder.finish() else { throw Failure(.internal, "out of memory") }
    return text
  }

  private static func summary(_ first: Failure, _ bad: [Failure], count: Int) -> Failure {
    let more = count == 1 ? "" : "; \(count - 1) more records cannot be read"
    return Failure(
      .invalid, first.reason + more, problems: bad.map { Failure.Problem($0.reason) })
  }
}
