internal import Omnibus

/// A message as it is at one moment, to be compared.
struct MessageImage: Equatable {
  private(set) var id: String
  private(set) var headers: [String]
  private(set) var body: [UInt8]
  private(set) var properties: [String: String]

  /// The image of `message`. A stream is told by what it is, as it can be read once only.
  init(_ message: Message) {
    id = message.id.description
    headers = message.headers.map { "\($0.name.lowercased()): \($0.value)" }
    body = Self.bytes(of: message.body)
    properties = Dictionary(message.properties.entries.map { ($0.name, Self.text(of: $0.value)) }) { first, _ in first }
  }

  /// The image with what an answer may change as it is in `other`: body, content type, and the property of the step.
  func answered(as other: MessageImage, step: String) -> MessageImage {
    var image = self
    let (mine, others) = (headers.filter { !Self.isType($0) }, other.headers.filter { !Self.isType($0) })
    image.headers = mine == others ? other.headers : headers
    image.body = other.body
    image.properties[step] = other.properties[step]
    return image
  }

  /// In what two images differ, without what they hold.
  func differences(from other: MessageImage) -> String {
    let all: [String?] = [
      id == other.id ? nil : "the id", headers == other.headers ? nil : "headers",
      body == other.body ? nil : "the body",
      properties == other.properties ? nil : "properties",
    ]
    let differing = all.compactMap { $0 }
    return differing.isEmpty ? "nothing is changed" : "\(differing.joined(separator: ", ")) changed"
  }

  private static func isType(_ header: String) -> Bool { header.hasPrefix("content-type:") }

  private static func bytes(of body: Body) -> [UInt8] {
    if case .stream(let stream) = body { return Array("stream \(ObjectIdentifier(stream))".utf8) }
    return (try? Message(body: body).bodyBytes()) ?? Array("no bytes".utf8)
  }

  private static func text(of value: Value) -> String {
    (try? value.jsonBytes()).map { String(decoding: $0, as: UTF8.self) } ?? String(describing: value)
  }
}
