internal import Omnibus

/// A form in the format `multipart/form-data` (RFC 7578), to be sent.
public struct MultipartForm: Sendable {
  /// One field of a form.
  public struct Part: Sendable {
    /// The name of the field.
    public var name: String
    /// The name of the file, which makes the part a file; nil for a field.
    public var filename: String?
    /// The media type of the content; nil leaves it unsaid.
    public var contentType: String?
    /// The content; a stream's reader is the caller, and the form takes it over.
    public var content: HTTPClientRequest.Content

    /// A part.
    public init(
      name: String, filename: String? = nil, contentType: String? = nil, content: HTTPClientRequest.Content
    ) {
      self.name = name
      self.filename = filename
      self.contentType = contentType
      self.content = content
    }
  }

  private let parts: [Part]
  /// 122 random bits, of which who made the content can know nothing: it cannot hold them.
  private let boundary =
    "omnibus-" + String(UInt64.random(in: .min ... .max), radix: 36)
    + String(UInt64.random(in: .min ... .max), radix: 36)

  /// A form of `parts`, in their order.
  public init(_ parts: [Part]) { self.parts = parts }

  /// The content type of the whole.
  public var contentType: String { "multipart/form-data; boundary=\(boundary)" }

  /// The whole: bytes, or a stream where a part is one.
  public var content: HTTPClientRequest.Content {
    let end = Array("--\(boundary)--\r\n".utf8)
    var pieces: [HTTPClientRequest.Content] = []
    var bytes: [UInt8] = []
    for part in parts {
      bytes += head(of: part)
      switch part.content {
      case .empty: break
      case .bytes(let content): bytes += content
      case .stream:
        pieces += [.bytes(bytes), part.content]
        bytes = []
      }
      bytes += [0x0D, 0x0A]
    }
    bytes += end
    guard !pieces.isEmpty else { return .bytes(bytes) }
    return .stream(Self.joined(pieces + [.bytes(bytes)]))
  }

  private func head(of part: Part) -> [UInt8] {
    var head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(Self.escaped(part.name))\""
    if let filename = part.filename { head += "; filename=\"\(Self.escaped(filename))\"" }
    if let type = part.contentType { head += "\r\nContent-Type: \(Self.oneLine(type))" }
    return Array((head + "\r\n\r\n").utf8)
  }

  /// As browsers write names (RFC 7578, 2 and HTML, "Multipart form data"): nothing in them can end them. Byte by byte:
  /// as a character, a quote before a combining mark is none. Every line end becomes CR LF.
  private static func escaped(_ name: String) -> String {
    guard name.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0D || $0 == 0x0A }) else { return name }
    var escaped: [UInt8] = []
    var last: UInt8 = 0
    for byte in name.utf8 {
      switch byte {
      case 0x22: escaped += "%22".utf8
      case 0x5C: escaped += [0x5C, 0x5C]
      case 0x0D: escaped += "%0D%0A".utf8
      case 0x0A: if last != 0x0D { escaped += "%0D%0A".utf8 }
      default: escaped.append(byte)
      }
      last = byte
    }
    return String(decoding: escaped, as: UTF8.self)
  }

  private static func oneLine(_ text: String) -> String {
    String(decoding: text.utf8.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self)
  }

  /// The pieces one after another, whose length is known where all of theirs are.
  private static func joined(_ pieces: [HTTPClientRequest.Content]) -> BodyStream {
    let lengths = pieces.map(\.length)
    let length = lengths.contains(nil) ? nil : lengths.reduce(0) { $0 + ($1 ?? 0) }
    let left = ContentQueue(pieces)
    return BodyStream(length: length) { try await left.next() }
  }
}

extension HTTPClientRequest.Content {
  fileprivate var length: Int? {
    switch self {
    case .empty: 0
    case .bytes(let bytes): bytes.count
    case .stream(let stream): stream.length
    }
  }
}
