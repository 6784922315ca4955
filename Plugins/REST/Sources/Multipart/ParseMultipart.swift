internal import Omnibus
internal import OmnibusHTTP

/// Decodes a form into its fields and files.
struct ParseMultipart: Transformer {
  struct Settings: Options {
    @Option(help: "how many fields and files a form may have", range: 1...10_000)
    var maxParts: Int = 1000
  }

  let settings: Settings

  func transform(_ message: inout Message, _ context: Context) throws {
    let bytes = try message.bodyBytes()
    var parser = try MultipartParser(contentType: message.contentType, maxPart: bytes.count)
    parser.feed(bytes)
    var parts: [FormPart] = []
    while let part = try parser.next() {
      guard parts.count < settings.maxParts else {
        throw Failure(.invalid, "the form has more than \(settings.maxParts) parts")
      }
      parts.append(part)
    }
    try parser.end()
    message.body = .document(try FormDocument(parts, bytes, mediaType: message.contentType ?? ""))
  }
}

/// A form as a body: what is written are the bytes that came in.
struct FormDocument: Document {
  let mediaType: String
  let root: Value
  private let bytes: [UInt8]

  /// `fields` by name, a list where a name comes several times; `files` as a list of what `FormPartDocument` says.
  init(_ parts: [FormPart], _ bytes: [UInt8], mediaType: String) throws(Failure) {
    var fields: [String: [Value]] = [:]
    var names: [String] = []
    var files: [Value] = []
    for part in parts {
      guard part.filename == nil else {
        files.append(FormPartDocument(part: part).root)
        continue
      }
      guard let text = String(validating: part.content, as: UTF8.self) else {
        throw Failure(.invalid, "a field of the form is neither a file nor text")
      }
      if fields[part.name] == nil { names.append(part.name) }
      fields[part.name, default: []].append(.string(text))
    }
    let members = names.compactMap { name in
      fields[name].map { (name, $0.count == 1 ? $0[0] : Value.list($0)) }
    }
    root = .map(ValueMap([("fields", .map(Self.map(members))), ("files", .list(files))]))
    self.bytes = bytes
    self.mediaType = mediaType
  }

  func serialize() -> [UInt8] { bytes }

  /// A map whose names are known to be unique.
  private static func map(_ members: [(String, Value)]) -> ValueMap {
    var map = ValueMap()
    for (name, value) in members { map.append(uniqueKey: .string(name), value) }
    return map
  }
}
