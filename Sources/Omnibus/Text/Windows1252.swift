/// Where Windows-1252 differs from Latin-1 (WHATWG Encoding calls the same by both names; here they are two).
enum Windows1252 {
  /// The characters of the bytes 0x80 to 0x9F; zero for the five that stand for none.
  static let table: [32 of UInt16] = [
    0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,
    0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E,
    0x0178,
  ]

  /// The character of a byte; nil where there is none.
  static func character(_ byte: UInt8) -> UInt32? {
    guard byte >= 0x80, byte < 0xA0 else { return UInt32(byte) }
    let scalar = table[Int(byte - 0x80)]
    return scalar == 0 ? nil : UInt32(scalar)
  }

  /// The byte of a character; nil where there is none.
  static func byte(_ character: UInt32) -> UInt8? {
    if character < 0x80 || (0xA0...0xFF).contains(character) { return UInt8(character) }
    for place in 0..<32 where character != 0 && UInt32(table[place]) == character { return 0x80 + UInt8(place) }
    return nil
  }
}
