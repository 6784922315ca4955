/// How characters are written as bytes, by the names that IANA has registered.
public enum TextEncoding: String, OptionEnum {
  /// UTF-8 (RFC 3629).
  case utf8 = "utf-8"
  /// Latin-1: each byte is the character with its number.
  case latin1 = "iso-8859-1"
  /// Latin-1 with letters and punctuation in place of most control characters from 0x80 to 0x9F.
  case windows1252 = "windows-1252"
  /// UTF-16 whose byte order mark says which half of a unit comes first (RFC 2781, 3.2); it must be there.
  case utf16 = "utf-16"
  /// UTF-16, the lower half of a unit first.
  case utf16LittleEndian = "utf-16le"
  /// UTF-16, the upper half of a unit first.
  case utf16BigEndian = "utf-16be"

  /// Whether every character can be written in it.
  public var isUnicode: Bool { self != .latin1 && self != .windows1252 }

  /// The text of `bytes` as UTF-8, without a byte order mark. Fails with kind `invalid` at the first byte that stands for
  /// no character.
  public func decode(_ bytes: [UInt8]) throws(Failure) -> [UInt8] {
    var decoder = TextDecoder(self)
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    bytes.withUnsafeBufferPointer { decoder.decode($0, into: &text) }
    decoder.finish(into: &text)
    if let problem = decoder.firstProblem {
      throw Failure(.invalid, "the text is not \(rawValue), at byte \(problem + 1)")
    }
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
    return text
  }

  /// The bytes of `text`, which is UTF-8; those of `utf-16` are little-endian, behind a byte order mark. Fails with kind
  /// `invalid` at the first character that the encoding does not have.
  public func encode(_ text: [UInt8]) throws(Failure) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    let encoder = TextEncoder(self)
    encoder.begin(into: &bytes)
    if let problem = text.withUnsafeBufferPointer({ encoder.encode($0, into: &bytes) }) {
      throw Failure(.invalid, "character \(problem + 1) of the text is none that \(rawValue) has")
    }
    return bytes
  }
}
