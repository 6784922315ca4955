internal import Omnibus
internal import OmnibusExpression

/// Sets parts of the message. All values are made from the message as it came to the step, whatever their order.
struct SetStep: Transformer {
  private let status: Template?
  private let headers: [(key: String, value: TextTemplate)]
  private let properties: [(key: String, value: Template)]
  private let body: Template?
  private let fields: [(path: JSONPath, value: Template)]

  init(_ options: SetOptions) {
    status = options.status
    headers = options.headers.entries
    properties = options.properties.entries
    body = options.body
    fields = options.fields.entries
  }

  func transform(_ message: inout Message, _ context: Context) throws {
    let status = try status?.evaluate(&message, context)
    let headerValues = try headers.map { try $0.value.evaluate(&message, context) }
    let propertyValues = try properties.map { try $0.value.evaluate(&message, context) }
    let fieldValues = try fields.map { try $0.value.evaluate(&message, context) }
    let body = try body?.evaluate(&message, context)

    let code = try status.map(code)
    for (header, value) in zip(headers, headerValues) where !HeaderText.isValue(value) {
      throw Failure(.invalid, "the value for the header \(header.key) holds a control character")
    }

    // Only fields can fail from here on.
    let former = fields.isEmpty ? nil : (headers: message.headers, properties: message.properties)
    if let code { message.properties["status"] = .int(code) }
    for (header, value) in zip(headers, headerValues) { message.headers[header.key] = value }
    for (property, value) in zip(properties, propertyValues) { message.properties[property.key] = value }
    if let body { message.setJSON(body) }
    guard !fields.isEmpty else { return }
    do {
      try message.editJSON(context) { document throws(Failure) in
        for (field, value) in zip(fields, fieldValues) { try document.set(field.path, to: value) }
      }
    } catch {
      // What handles the failure gets the message as it came.
      if let former { (message.headers, message.properties) = former }
      throw error
    }
  }

  private func code(_ value: Value) throws(Failure) -> Int64 {
    guard let code = value.int, 200...599 ~= code else {
      throw Failure(.invalid, "the status is no whole number from 200 to 599")
    }
    return Int64(code)
  }
}

/// Makes a new body.
struct MapStep: Transformer {
  let template: Template

  func transform(_ message: inout Message, _ context: Context) throws {
    message.setJSON(try template.evaluate(&message, context))
  }
}

/// Removes parts of the message; what is not there need not be removed.
struct RemoveStep: Transformer {
  private let headers: [String]
  private let properties: [String]
  private let fields: [JSONPath]

  init(_ options: RemoveOptions) {
    headers = options.headers
    properties = options.properties
    fields = options.fields.map(\.path)
  }

  func transform(_ message: inout Message, _ context: Context) throws {
    // The fields first: that may fail, and goes by the content type.
    if !fields.isEmpty {
      try message.editJSON(context) { document throws(Failure) in for field in fields { document.remove(field) } }
    }
    for header in headers { message.headers.remove(header) }
    for property in properties { message.properties[property] = nil }
  }
}

extension Message {
  /// Makes a JSON document the body.
  mutating func setJSON(_ value: Value) {
    body = .document(JSONDocument(value))
    contentType = "application/json"
  }

  /// Edits a JSON body, decoded first where it is bytes; an empty body becomes an object.
  fileprivate mutating func editJSON(
    _ context: Context, _ edit: (inout JSONDocument) throws(Failure) -> Void
  ) throws(Failure) {
    try decodeBody(context.formats)
    var document: JSONDocument
    switch body {
    case .document(let present as JSONDocument): document = present
    case .empty: document = JSONDocument(.map(ValueMap()))
    case .document, .bytes, .stream: throw Failure(.invalid, "fields can be edited in a JSON body only")
    }
    // One owner, so that the edit copies no more than it must; and the body as it was where it fails.
    let original = body
    body = .empty
    do throws(Failure) {
      try edit(&document)
    } catch {
      body = original
      throw error
    }
    body = .document(document)
    if contentType == nil { contentType = "application/json" }
  }
}
