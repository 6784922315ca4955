public import Omnibus

/// One element of a field that is a list, such as `text/html;level=1;q=0.5` of `accept` (RFC 9110, 5.6.1 and 5.6.6).
public struct FieldElement: Sendable, Equatable {
  /// What stands before the first semicolon, as it was sent.
  public let value: String
  /// The parameters but the weight: names in lower case, values without their quotes.
  public let parameters: [Parameter]
  /// The weight in thousandths, 0 to 1000 (RFC 9110, 12.4.2); 1000 where none is said, nil where it is malformed.
  public let weight: Int?

  /// `name=value` behind a semicolon.
  public struct Parameter: Sendable, Equatable {
    /// In lower case.
    public let name: String
    /// Without quotes and escapes.
    public let value: String
  }

  /// The elements of all fields `name` in `headers`, in order; empty ones are left out.
  public static func list(_ name: String, in headers: Headers) -> [FieldElement] {
    headers.values(name).flatMap(list)
  }

  /// The elements of the field `text`, in order; empty ones are left out.
  public static func list(_ text: String) -> [FieldElement] {
    split(text.utf8[...], at: UInt8(ascii: ",")).compactMap { FieldElement($0) }
  }

  /// Reads one value with its parameters, as `content-type` and `content-disposition` have; nil where there is none.
  public init?(_ text: String) { self.init(text.utf8[...]) }

  private init?(_ text: Substring.UTF8View) {
    var parts = Self.split(text, at: UInt8(ascii: ";")).map(Self.trimmed)[...]
    guard let value = parts.popFirst(), !value.isEmpty else { return nil }
    self.value = value
    var parameters: [Parameter] = []
    var weight: Int? = 1000
    for part in parts {
      guard let equals = part.utf8.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let name = Self.trimmed(part.utf8[..<equals]).lowercased()
      let value = Self.unquoted(Self.trimmed(part.utf8[part.utf8.index(after: equals)...]))
      if name == "q" { weight = Self.weight(value) } else { parameters.append(Parameter(name: name, value: value)) }
    }
    self.parameters = parameters
    self.weight = weight
  }

  /// The value of the first parameter `name`, which is in lower case.
  public subscript(_ name: String) -> String? { parameters.first { $0.name == name }?.value }

  /// `0`, `0.5`, `1.000`: at most three digits behind the point, and no more than 1.
  private static func weight(_ text: String) -> Int? {
    let digits = Array(text.utf8)
    guard let first = digits.first, first == 0x30 || first == 0x31, digits.count <= 5 else { return nil }
    guard digits.count > 1 else { return first == 0x31 ? 1000 : 0 }
    guard digits[1] == UInt8(ascii: "."), digits[2...].allSatisfy({ 0x30...0x39 ~= $0 }) else { return nil }
    let fraction = (0..<3).reduce(0) { $0 * 10 + ($1 + 2 < digits.count ? Int(digits[$1 + 2] - 0x30) : 0) }
    return first == 0x30 ? fraction : fraction == 0 ? 1000 : nil
  }

  /// The pieces between separators that stand outside of quotes.
  private static func split(_ text: Substring.UTF8View, at separator: UInt8) -> [Substring.UTF8View] {
    var pieces: [Substring.UTF8View] = []
    var start = text.startIndex
    var isQuoted = false
    var isEscaped = false
    for place in text.indices {
      let byte = text[place]
      if isEscaped {
        isEscaped = false
      } else if isQuoted, byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == separator, !isQuoted {
        pieces.append(text[start..<place])
        start = text.index(after: place)
      }
    }
    pieces.append(text[start...])
    return pieces
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    var text = text
    while let first = text.first, first == 0x20 || first == 0x09 { text.removeFirst() }
    while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
    return String(decoding: text, as: UTF8.self)
  }

  /// The text of a quoted string (RFC 9110, 5.6.4); any other as it is.
  private static func unquoted(_ text: String) -> String {
    guard text.utf8.count > 1, text.utf8.first == UInt8(ascii: "\""), text.utf8.last == UInt8(ascii: "\"") else {
      return text
    }
    guard text.utf8.contains(UInt8(ascii: "\\")) else {
      return String(decoding: text.utf8.dropFirst().dropLast(), as: UTF8.self)
    }
    var plain: [UInt8] = []
    var isEscaped = false
    for byte in text.utf8.dropFirst().dropLast() {
      if byte == UInt8(ascii: "\\"), !isEscaped {
        isEscaped = true
        continue
      }
      // A backslash before anything else is one, as many write names of files.
      if isEscaped, byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\"") { plain.append(UInt8(ascii: "\\")) }
      plain.append(byte)
      isEscaped = false
    }
    return String(decoding: plain, as: UTF8.self)
  }
}
