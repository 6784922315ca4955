import Omnibus

/// Fails a message, as `invalid`, whose body is not as a schema says. The body stays as it was; what was decoded is kept.
struct ValidateJSON: Transformer {
  private let program: SchemaProgram

  init(_ schema: LoadedSchema) { program = schema.program }

  func transform(_ message: inout Message, _ context: Context) throws {
    switch message.body {
    case .empty: throw Failure(.invalid, "there is no body, expected JSON")
    case .document(let document as JSONDocument):
      if case .json(let node) = document.root {
        try check(node.text, root: node.tapeIndex, hasLines: node.isWholeText)
      } else {
        try check(try JSONText.parse(document.serialize()), hasLines: false)
      }
    case .document(let document): try check(try JSONText.parse(document.root.jsonBytes()), hasLines: false)
    case .bytes(let bytes):
      let text = try JSONText.parse(bytes)
      try check(text, hasLines: true)
      guard let type = message.contentType, context.formats.format(for: type)?.name == "json" else { return }
      message.body = .document(JSONDocument(.json(text.root)))
    case .stream: _ = try message.bodyBytes()
    }
  }

  private func check(_ text: JSONText, root: Int = 0, hasLines: Bool) throws(Failure) {
    if let failure = program.failure(of: text, root: root, hasLines: hasLines) { throw failure }
  }
}
