internal import Omnibus
internal import OmnibusExpression
internal import OmnibusHTTP

/// A part of the option `multipart` of `to: rest`.
struct MultipartPartOptions: Options {
  @Option(help: "the name of the field")
  var name: TextTemplate

  @Option(help: "the value of the field: text, bytes, or anything else as JSON", default: "the body of the message")
  var value: Template? = nil

  @Option(help: "the name of the file, which makes the part a file", default: "none")
  var filename: TextTemplate? = nil

  @Option(help: "the media type of the part", default: "that of the body; none for text")
  var contentType: TextTemplate? = nil

  /// The part for a message; `body` is what of the message goes where no value is written, with its content type.
  func part(
    _ message: inout Message, _ context: Context,
    body: (Message) throws(Failure) -> (content: HTTPClientRequest.Content, type: String?)
  ) throws(Failure) -> MultipartForm.Part {
    let name = try name.evaluate(&message, context)
    let filename = try filename?.evaluate(&message, context)
    let type = try contentType?.evaluate(&message, context)
    guard let value = try value?.evaluate(&message, context) else {
      let body = try body(message)
      return MultipartForm.Part(name: name, filename: filename, contentType: type ?? body.type, content: body.content)
    }
    let (bytes, usual) = try Self.written(value)
    return MultipartForm.Part(name: name, filename: filename, contentType: type ?? usual, content: .bytes(bytes))
  }

  private static func written(_ value: Value) throws(Failure) -> ([UInt8], type: String?) {
    switch value.resolved {
    case .string(let text): return (Array(text.utf8), nil)
    case .bytes(let bytes): return (bytes, "application/octet-stream")
    case .bool, .int, .uint, .double, .decimal: return (try value.jsonBytes(), nil)
    default: return (try value.jsonBytes(), "application/json")
    }
  }
}
