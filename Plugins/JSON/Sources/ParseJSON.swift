import Omnibus

/// Decodes a body as JSON. The content type stays where it is one of JSON's, such as `application/fhir+json`.
struct ParseJSON: Transformer {
  func transform(_ message: inout Message, _ context: Context) throws {
    if case .document(let document) = message.body, document is JSONDocument { return }
    if case .empty = message.body { throw Failure(.invalid, "there is no body, expected JSON") }
    message.body = .document(try JSONDocument(parsing: message.bodyBytes()))
    if !Format.isJSON(message.contentType) { message.contentType = "application/json" }
  }
}
