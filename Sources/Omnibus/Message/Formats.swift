/// A body format: its media types, and how bytes become a document.
public struct Format: Sendable {
  /// The name in `parse_<name>` and `write_<name>`.
  public let name: String
  /// The media types that it answers for, in lower case and without parameters, such as `application/json`; one that
  /// starts with `+` stands for all with that suffix (RFC 6838, 4.2.8).
  public let mediaTypes: [String]
  /// Decodes a whole body; fails with kind `invalid`, saying where and never what.
  public let decode: @Sendable ([UInt8]) throws(Failure) -> any Document

  /// A format that plugins bring.
  public init(
    name: String, mediaTypes: [String], decode: @escaping @Sendable ([UInt8]) throws(Failure) -> any Document
  ) {
    self.name = name
    self.mediaTypes = mediaTypes
    self.decode = decode
  }
}

/// The formats of all plugins, by media type.
public struct Formats: Sendable {
  private var byType: [String: Format] = [:]
  private var bySuffix: [(suffix: String, format: Format)] = []

  /// The formats in `formats`; of two that claim one type the first has it.
  public init(_ formats: [Format] = []) {
    for format in formats {
      for type in format.mediaTypes {
        if type.hasPrefix("+") {
          bySuffix.append((type, format))
        } else if byType[type] == nil {
          byType[type] = format
        }
      }
    }
  }

  /// The format for a `content-type` header, whose parameters and case do not matter.
  public func format(for contentType: String) -> Format? {
    var type = Substring(contentType.prefix { $0 != ";" })
    while type.last == " " { type.removeLast() }
    if let format = byType[String(type)] { return format }
    let lower = type.lowercased()
    return byType[lower] ?? bySuffix.first { lower.hasSuffix($0.suffix) }?.format
  }
}

extension Message {
  /// Decodes the body by its content type where it is bytes of a known format; leaves it as it is otherwise.
  public mutating func decodeBody(_ formats: Formats) throws(Failure) {
    guard case .bytes(let bytes) = body, let type = contentType, let format = formats.format(for: type) else { return }
    body = .document(try format.decode(bytes))
  }

  /// The body as bytes, a document written by its format. A stream cannot be had here: failure of kind `invalid`.
  public func bodyBytes() throws(Failure) -> [UInt8] {
    switch body {
    case .empty: return []
    case .bytes(let bytes): return bytes
    case .document(let document): return try document.serialize()
    case .stream: throw Failure(.invalid, "the body is a stream, and this step needs all of it at once")
    }
  }
}
