internal import Omnibus

/// A field of a form that came in (RFC 7578, 4).
public struct FormPart: Sendable, Equatable {
  /// The name of the field.
  public var name: String
  /// The name of the file, without any folders that it was sent with, and empty where it could be none; nil for what is
  /// no file.
  public var filename: String?
  /// The media type that it says it has; nil where it says none.
  public var contentType: String?
  /// The content.
  public var content: [UInt8]

  /// A field of a form.
  public init(name: String, filename: String? = nil, contentType: String? = nil, content: [UInt8]) {
    self.name = name
    self.filename = filename
    self.contentType = contentType
    self.content = content
  }

  /// Reads the header of a part; its fields but `content-disposition` and `content-type` mean nothing (RFC 7578, 4.8).
  init(head: ArraySlice<UInt8>) throws(Failure) {
    guard let text = String(validating: head, as: UTF8.self) else {
      throw Failure(.invalid, "the header of a part is not UTF-8")
    }
    var disposition: FieldElement?
    contentType = nil
    for line in text.split(separator: "\r\n") {
      guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
        throw Failure(.invalid, "a header line of a part has no colon")
      }
      let value = line[line.utf8.index(after: colon)...]
      switch line[..<colon].lowercased() {
      case "content-disposition": disposition = FieldElement(String(value))
      case "content-type": contentType = String(value.drop { $0 == " " || $0 == "\t" })
      default: continue
      }
    }
    guard let disposition, disposition.value.lowercased() == "form-data", let name = disposition["name"] else {
      throw Failure(.invalid, "a part is no field of a form: it has no content-disposition with a name")
    }
    self.name = Self.unescaped(name)
    filename = disposition["filename"].map { Self.plainName(Self.unescaped($0)) }
    content = []
  }

  /// What stands behind the last separator. Byte by byte: as a character, a separator before a combining mark is none.
  private static func plainName(_ path: String) -> String {
    let bytes = path.utf8.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }).last
    guard let name = bytes.map({ String(decoding: $0, as: UTF8.self) }), name != ".", name != "..",
      !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return "" }
    return name
  }

  /// Undoes what browsers do with the characters that would end a name.
  private static func unescaped(_ name: String) -> String {
    guard name.utf8.contains(UInt8(ascii: "%")) else { return name }
    var plain: [UInt8] = []
    var left = Array(name.utf8)[...]
    while let byte = left.popFirst() {
      switch (byte, left.prefix(2)) {
      case (UInt8(ascii: "%"), [0x32, 0x32]): plain.append(UInt8(ascii: "\""))
      case (UInt8(ascii: "%"), [0x30, 0x44]): plain.append(0x0D)
      case (UInt8(ascii: "%"), [0x30, 0x41]): plain.append(0x0A)
      default:
        plain.append(byte)
        continue
      }
      left = left.dropFirst(2)
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
