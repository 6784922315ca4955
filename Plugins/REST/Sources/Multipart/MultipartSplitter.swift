internal import Omnibus
internal import OmnibusHTTP

/// Cuts a form into its fields, one at a time.
struct MultipartSplitter: Splitter {
  struct Settings: Options {
    @Option(help: "the largest field or file; a form with a larger one fails")
    var maxPart: ByteSize = ByteSize(bytes: 10 << 20)
  }

  let settings: Settings

  func parts(of body: Body, headers: Headers, _ context: Context) throws(Failure) -> any PartReader {
    let parser = try MultipartParser(contentType: headers["content-type"], maxPart: settings.maxPart.bytes)
    switch body {
    case .stream(let stream): return MultipartReader(parser, stream)
    case .bytes(let bytes): return MultipartReader(parser, bytes)
    case .empty: return MultipartReader(parser, [])
    case .document: throw Failure(.invalid, "the body is decoded already, expected the bytes of a form")
    }
  }
}

/// Reads the fields of one form.
struct MultipartReader: PartReader {
  private var parser: MultipartParser
  private var stream: BodyStream?
  private var count = 0

  init(_ parser: MultipartParser, _ stream: BodyStream) {
    self.parser = parser
    self.stream = stream
  }

  init(_ parser: MultipartParser, _ bytes: [UInt8]) {
    self.parser = parser
    self.parser.feed(bytes)
  }

  mutating func nextReady() throws -> Part? {
    guard let part = try parser.next() else { return nil }
    count += 1
    return Part(.document(FormPartDocument(part: part)), number: count)
  }

  mutating func refill() async throws -> Bool {
    guard let bytes = try await stream?.next() else {
      try parser.end()
      return false
    }
    parser.feed(bytes)
    return true
  }
}
