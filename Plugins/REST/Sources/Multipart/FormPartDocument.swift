internal import Omnibus
internal import OmnibusHTTP

/// A field of a form as the body of a message: what is written is its content.
struct FormPartDocument: Document {
  let part: FormPart

  /// What the part says that it is (RFC 7578, 4.4).
  var mediaType: String {
    part.contentType ?? (part.filename == nil ? "text/plain; charset=utf-8" : "application/octet-stream")
  }

  /// `name`, `filename` and `content_type` where they are given, `size`, `content` as bytes, and `text` where it is text.
  var root: Value {
    var members = ValueMap([("name", .string(part.name))])
    members["filename"] = part.filename.map(Value.string)
    members["content_type"] = part.contentType.map(Value.string)
    members["size"] = .int(Int64(part.content.count))
    members["content"] = .bytes(part.content)
    members["text"] = String(validating: part.content, as: UTF8.self).map(Value.string)
    return .map(members)
  }

  func serialize() -> [UInt8] { part.content }
}
