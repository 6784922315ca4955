import OmnibusTesting
import Testing

@testable import Omnibus

@Suite("text encodings")
struct TextEncodingTests {
  /// What Python's `cp1252` says of the bytes 0x80 to 0x9F; nil where it refuses.
  static let windows1252: [UInt32?] = [
    0x20ac, nil, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, nil, 0x17d, nil,
    nil, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, nil, 0x17e, 0x178,
  ]

  /// A text that has a character of each length, and what Python encodes it as.
  static let sample = "Zoë €\u{0}\u{FFFF}😀𝄞\u{E000}a"
  static let sampleLittleEndian = hex("5a006f00eb002000ac200000ffff3dd800de34d81edd00e06100")
  static let sampleBigEndian = hex("005a006f00eb002020ac0000ffffd83dde00d834dd1ee0000061")

  @Test("every byte of the encodings of one byte is the character that it is elsewhere")
  func singleBytes() throws {
    for byte in UInt8.min...UInt8.max {
      #expect(try TextEncoding.latin1.decode([byte]) == Self.utf8([UInt32(byte)]))
      #expect(try TextEncoding.latin1.encode(Self.utf8([UInt32(byte)])) == [byte])
      let character = (0x80..<0xA0).contains(byte) ? Self.windows1252[Int(byte) - 0x80] : UInt32(byte)
      if let character {
        #expect(try TextEncoding.windows1252.decode([byte]) == Self.utf8([character]))
        #expect(try TextEncoding.windows1252.encode(Self.utf8([character])) == [byte])
      } else {
        #expect(throws: Failure.self) { try TextEncoding.windows1252.decode([0x61, byte]) }
      }
    }
  }

  @Test("UTF-16 in either order, with a mark or without")
  func utf16() throws {
    let text = Array(Self.sample.utf8)
    #expect(try TextEncoding.utf16LittleEndian.decode(Self.sampleLittleEndian) == text)
    #expect(try TextEncoding.utf16BigEndian.decode(Self.sampleBigEndian) == text)
    for (mark, bytes) in [([0xFF, 0xFE], Self.sampleLittleEndian), ([0xFE, 0xFF], Self.sampleBigEndian)]
      as [([UInt8], [UInt8])]
    {
      #expect(try TextEncoding.utf16.decode(mark + bytes) == text)
    }
    #expect(try TextEncoding.utf16LittleEndian.decode([0xFF, 0xFE] + Self.sampleLittleEndian) == text)
    #expect(throws: Failure.self) { try TextEncoding.utf16.decode(Self.sampleLittleEndian) }
    #expect(try TextEncoding.utf16LittleEndian.encode(text) == Self.sampleLittleEndian)
    #expect(try TextEncoding.utf16BigEndian.encode(text) == Self.sampleBigEndian)
    #expect(try TextEncoding.utf16.encode(text) == [0xFF, 0xFE] + Self.sampleLittleEndian)
  }

  @Test("every character but surrogates is the same after UTF-16 and back")
  func everyCharacter() throws {
    let scalars = (UInt32(0)...0x10FFFF).filter { Unicode.Scalar($0) != nil && $0 != 0xFEFF }
    let text = Self.utf8(scalars)
    #expect(try TextEncoding.utf8.decode(text) == text)
    for encoding in [TextEncoding.utf16, .utf16LittleEndian, .utf16BigEndian] {
      #expect(try encoding.decode(encoding.encode(text)) == text)
    }
  }

  @Test(
    "what stands for no character fails with the byte that it begins at",
    arguments: [
      (.utf8, [0x61, 0x80], 2), (.utf8, [0x61, 0xE2, 0x82], 2), (.windows1252, [0x61, 0x62, 0x81], 3),
      (.utf16LittleEndian, [0x61, 0, 0, 0xDC], 3), (.utf16LittleEndian, [0x61, 0, 0, 0xD8], 3),
      (.utf16LittleEndian, [0x61, 0, 0, 0xD8, 0x61, 0], 3), (.utf16BigEndian, [0, 0x61, 0], 3),
      (.utf16, [0xFF, 0xFE, 0, 0xDC], 3), (.utf16, [0xFF], 1), (.utf16, [0x61, 0], 1),
    ] as [(TextEncoding, [UInt8], Int)])
  func invalid(encoding: TextEncoding, bytes: [UInt8], place: Int) {
    #expect {
      try encoding.decode(bytes)
    } throws: {
      ($0 as? Failure)?.reason == "the text is not \(encoding.rawValue), at byte \(place)"
    }
  }

  @Test(
    "where it is asked for, what stands for no character is replaced as elsewhere",
    arguments: [
      (.utf8, "618062", "a\u{FFFD}b"), (.utf8, "e282", "\u{FFFD}"), (.utf8, "e28241", "\u{FFFD}A"),
      (.utf8, "f0808041", "\u{FFFD}\u{FFFD}\u{FFFD}A"), (.utf8, "c0af", "\u{FFFD}\u{FFFD}"),
      (.utf8, "eda080", "\u{FFFD}\u{FFFD}\u{FFFD}"), (.utf8, "f4908080", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
      (.utf8, "f09f98", "\u{FFFD}"), (.utf8, "e09fbf", "\u{FFFD}\u{FFFD}\u{FFFD}"),
      (.utf8, "f18080e2827a", "\u{FFFD}\u{FFFD}z"), (.windows1252, "618162", "a\u{FFFD}b"),
      (.utf16LittleEndian, "610000d86200", "a\u{FFFD}b"), (.utf16LittleEndian, "00dc6100", "\u{FFFD}a"),
      (.utf16LittleEndian, "00d800d800dc", "\u{FFFD}\u{10000}"), (.utf16LittleEndian, "61", "\u{FFFD}"),
    ] as [(TextEncoding, String, String)])
  func replaced(encoding: TextEncoding, bytes: String, text: String) {
    for size in 1...4 {
      let found = Self.decode(Self.hex(bytes), encoding, replacing: true, piecesOf: size)
      #expect(String(decoding: found, as: UTF8.self) == text && found == Array(text.utf8), "pieces of \(size)")
    }
  }

  @Test("pieces of every size give the same text, and what stands for no character comes back as it was")
  func pieces() {
    var random = SystemRandomNumberGenerator()
    let encodings: [TextEncoding] = [.utf8, .latin1, .windows1252, .utf16, .utf16LittleEndian, .utf16BigEndian]
    for round in 0..<300 {
      let encoding = encodings[round % encodings.count]
      var bytes = encoding == .utf8 ? Array(Self.sample.utf8) : Self.sampleLittleEndian
      for _ in 0..<3 { bytes[.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random) }
      if encoding == .utf16 { bytes = [0xFF, 0xFE] + bytes }
      let whole = Self.decode(bytes, encoding, replacing: false, piecesOf: bytes.count)
      for size in 1...7 { #expect(Self.decode(bytes, encoding, replacing: false, piecesOf: size) == whole) }
      var again: [UInt8] = []
      let encoder = TextEncoder(encoding)
      encoder.begin(into: &again)
      whole.withUnsafeBufferPointer { _ = encoder.encode($0, into: &again) }
      #expect(again == bytes, "\(encoding)")
    }
  }

  @Test("a character that an encoding does not have is a failure, and a question mark where that is handled elsewhere")
  func unmappable() {
    for (encoding, text, place) in [
      (TextEncoding.latin1, "a€", 2), (.windows1252, "€ë\u{81}", 3), (.latin1, "😀", 1),
    ] {
      #expect {
        try encoding.encode(Array(text.utf8))
      } throws: {
        ($0 as? Failure)?.reason == "character \(place) of the text is none that \(encoding.rawValue) has"
      }
    }
    var bytes: [UInt8] = []
    let problem = Array("ä€b€".utf8).withUnsafeBufferPointer { TextEncoder(.latin1).encode($0, into: &bytes) }
    #expect(problem == 1 && bytes == [0xE4, 0x3F, 0x62, 0x3F])
  }

  private static func decode(_ bytes: [UInt8], _ encoding: TextEncoding, replacing: Bool, piecesOf size: Int) -> [UInt8]
  {
    var decoder = TextDecoder(encoding, replacingInvalid: replacing)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      Array(bytes[start..<min(start + size, bytes.count)]).withUnsafeBufferPointer { decoder.decode($0, into: &text) }
    }
    decoder.finish(into: &text)
    return text
  }

  private static func utf8(_ characters: [UInt32]) -> [UInt8] {
    var text: [UInt8] = []
    for character in characters { TextDecoder.append(character, to: &text) }
    return text
  }

  private static func hex(_ text: String) -> [UInt8] {
    let digits = text.utf8.map { UInt8(String(UnicodeScalar($0)), radix: 16) ?? 0 }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
