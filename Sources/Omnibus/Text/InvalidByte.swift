/// How a byte that stands for no character is kept within text that is UTF-8 otherwise: as two bytes that start like no
/// sequence of RFC 3629, and count as one character.
enum InvalidByte {
  /// The two bytes for a byte.
  static func mark(_ byte: UInt8) -> [UInt8] { [0xF8 | byte >> 6, 0x80 | byte & 0x3F] }

  /// The byte that two bytes are for; nil where they are something else.
  static func byte(_ first: UInt8, _ second: UInt8) -> UInt8? {
    first & 0xFC == 0xF8 && second & 0xC0 == 0x80 ? (first & 0x03) << 6 | second & 0x3F : nil
  }
}
