import Omnibus

/// Turns a body into JSON bytes: a decoded one of any format, and bytes whose content type tells how to decode them.
/// Bytes that are JSON already stay as they are.
struct WriteJSON: Transformer {
  func transform(_ message: inout Message, _ context: Context) throws {
    if case .bytes = message.body, Format.isJSON(message.contentType) { return }
    try message.decodeBody(context.formats)
    switch message.body {
    case .document(let document as JSONDocument): message.body = .bytes(try document.serialize())
    case .document(let document): message.body = .bytes(try document.root.jsonBytes())
    case .empty: throw Failure(.invalid, "there is no body to write as JSON")
    case .bytes: throw Failure(.invalid, "the body is bytes of no known content type, expected a decoded body")
    case .stream: throw Failure(.invalid, "the body is a stream, and this step needs all of it at once")
    }
    if !Format.isJSON(message.contentType) { message.contentType = "application/json" }
  }
}
