/// Turns bytes of an encoding into UTF-8, piece by piece: a character may be split over pieces of any size.
///
/// What stands for no character is either replaced by U+FFFD or, unless that is asked for, kept as bytes that are no
/// UTF-8, so that a check of the text finds it where it stands, and a `TextEncoder` gives the very bytes again.
public struct TextDecoder: Sendable {
  private var encoding: TextEncoding
  private let replacesInvalid: Bool
  /// Bytes of a character whose rest is still to come: at most three.
  private var pending: [UInt8] = []
  /// The first half of a surrogate pair whose second is still to come.
  private var highSurrogate: UInt16?
  private var bytesTaken = 0
  /// The offset of the first byte that stands for no character; nil where all do.
  public private(set) var firstProblem: Int?
  /// Whether text in `utf-16` did not begin with a byte order mark; it is read as little-endian all the same.
  public private(set) var isMarkMissing = false

  /// A decoder; `replacesInvalid` is whether U+FFFD stands for what stands for no character.
  public init(_ encoding: TextEncoding, replacingInvalid replacesInvalid: Bool = false) {
    self.encoding = encoding
    self.replacesInvalid = replacesInvalid
  }

  /// Appends the text of `piece` to `text`, up to the last character that is whole. Adds at most three bytes for each
  /// of the piece's, and six more.
  public mutating func decode(_ piece: UnsafeBufferPointer<UInt8>, into text: inout [UInt8]) {
    switch encoding {
    case .latin1: decodeSingleBytes(piece, into: &text) { UInt32($0) }
    case .windows1252: decodeSingleBytes(piece, into: &text) { Windows1252.character($0) }
    case .utf8: decodeUTF8(piece, into: &text)
    case .utf16, .utf16LittleEndian, .utf16BigEndian: decodeUTF16(piece, into: &text)
    }
    bytesTaken += piece.count
  }

  /// Appends what is left of a character whose rest never came.
  public mutating func finish(into text: inout [UInt8]) {
    let end = bytesTaken
    if let high = highSurrogate { invalid(unit: high, at: end - pending.count - 2, into: &text) }
    if !pending.isEmpty { invalid(bytes: pending, at: end - pending.count, into: &text) }
    highSurrogate = nil
    pending = []
  }

  // MARK: a byte a character

  @inline(__always)
  private mutating func decodeSingleBytes(
    _ piece: UnsafeBufferPointer<UInt8>, into text: inout [UInt8], _ character: (UInt8) -> UInt32?
  ) {
    var place = 0
    while place < piece.count {
      let run = Self.countOfASCII(piece, from: place)
      text.append(contentsOf: UnsafeBufferPointer(rebasing: piece[place..<place + run]))
      place += run
      guard place < piece.count else { return }
      if let scalar = character(piece[place]) {
        Self.append(scalar, to: &text)
      } else {
        invalid(bytes: [piece[place]], at: bytesTaken + place, into: &text)
      }
      place += 1
    }
  }

  private static func countOfASCII(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var place = start
    while place + 8 <= bytes.count,
      UnsafeRawPointer(base + place).loadUnaligned(as: UInt64.self) & 0x8080_8080_8080_8080 == 0
    {
      place += 8
    }
    while place < bytes.count, bytes[place] < 0x80 { place += 1 }
    return place - start
  }

  // MARK: UTF-8

  private mutating func decodeUTF8(_ piece: UnsafeBufferPointer<UInt8>, into text: inout [UInt8]) {
    let start = bytesTaken - pending.count
    let bytes = pending.isEmpty ? Array(piece) : pending + piece
    pending = []
    bytes.withUnsafeBufferPointer { bytes in
      var place = 0
      while place < bytes.count {
        let rest = UnsafeBufferPointer(rebasing: bytes[place...])
        let good = UTF8Check.firstProblem(in: rest) ?? rest.count
        text.append(contentsOf: rest.prefix(good))
        place += good
        guard place < bytes.count else { return }
        let length = Self.maximalSubpart(UnsafeBufferPointer(rebasing: bytes[place...]))
        if let length {
          invalid(bytes: Array(bytes[place..<place + length]), at: start + place, into: &text)
          place += length
        } else {
          pending = Array(bytes[place...])
          return
        }
      }
    }
  }

  /// How many bytes at the start of `bytes`, where no sequence stands, one replacement is for (Unicode 3.9, "maximal
  /// subpart"); nil where they are the start of a sequence whose rest is still to come.
  private static func maximalSubpart(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let first = bytes[0]
    let (length, second): (Int, ClosedRange<UInt8>) =
      switch first {
      case 0xC2...0xDF: (2, 0x80...0xBF)
      case 0xE0: (3, 0xA0...0xBF)
      case 0xED: (3, 0x80...0x9F)
      case 0xE1...0xEF: (3, 0x80...0xBF)
      case 0xF0: (4, 0x90...0xBF)
      case 0xF4: (4, 0x80...0x8F)
      case 0xF1...0xF3: (4, 0x80...0xBF)
      default: (1, 0x80...0xBF)
      }
    for place in 1..<max(length, 2) where place < length {
      guard place < bytes.count else { return nil }
      guard place == 1 ? second.contains(bytes[1]) : bytes[place] & 0xC0 == 0x80 else { return place }
    }
    return length
  }

  // MARK: UTF-16

  private mutating func decodeUTF16(_ piece: UnsafeBufferPointer<UInt8>, into text: inout [UInt8]) {
    var place = 0
    if let first = pending.first, place < piece.count {
      pending = []
      take(first, piece[place], at: bytesTaken - 1, into: &text)
      place += 1
    }
    while place + 1 < piece.count {
      take(piece[place], piece[place + 1], at: bytesTaken + place, into: &text)
      place += 2
    }
    if place < piece.count { pending = [piece[place]] }
  }

  @inline(__always)
  private mutating func take(_ first: UInt8, _ second: UInt8, at offset: Int, into text: inout [UInt8]) {
    if encoding == .utf16, isMark(first, second, at: offset) { return }
    let unit =
      encoding == .utf16BigEndian ? UInt16(first) << 8 | UInt16(second) : UInt16(second) << 8 | UInt16(first)
    take(unit, at: offset, into: &text)
  }

  /// Takes the byte order out of the first unit; answers whether that was a mark. RFC 2781, 4.3 has a mark that is
  /// missing mean big-endian, but files without one are little-endian mostly: so neither is taken for granted.
  private mutating func isMark(_ first: UInt8, _ second: UInt8, at offset: Int) -> Bool {
    encoding = (first, second) == (0xFE, 0xFF) ? .utf16BigEndian : .utf16LittleEndian
    if (first, second) == (0xFE, 0xFF) || (first, second) == (0xFF, 0xFE) { return true }
    isMarkMissing = true
    if firstProblem == nil { firstProblem = offset }
    return false
  }

  @inline(__always)
  private mutating func take(_ unit: UInt16, at offset: Int, into text: inout [UInt8]) {
    if let high = highSurrogate {
      highSurrogate = nil
      if unit & 0xFC00 == 0xDC00 {
        Self.append(0x10000 + (UInt32(high & 0x3FF) << 10 | UInt32(unit & 0x3FF)), to: &text)
        return
      }
      invalid(unit: high, at: offset - 2, into: &text)
    }
    switch unit & 0xFC00 {
    case 0xD800: highSurrogate = unit
    case 0xDC00: invalid(unit: unit, at: offset, into: &text)
    default: Self.append(UInt32(unit), to: &text)
    }
  }

  // MARK: characters

  private mutating func invalid(unit: UInt16, at offset: Int, into text: inout [UInt8]) {
    if firstProblem == nil { firstProblem = offset }
    // A lone surrogate in the form of UTF-8, which that forbids.
    Self.append(replacesInvalid ? 0xFFFD : UInt32(unit), to: &text)
  }

  private mutating func invalid(bytes: [UInt8], at offset: Int, into text: inout [UInt8]) {
    if firstProblem == nil { firstProblem = offset }
    if replacesInvalid {
      Self.append(0xFFFD, to: &text)
    } else if encoding == .utf8 {
      text.append(contentsOf: bytes)
    } else {
      for byte in bytes { text += InvalidByte.mark(byte) }
    }
  }

  @inline(__always)
  static func append(_ scalar: UInt32, to text: inout [UInt8]) {
    if scalar < 0x80 {
      text.append(UInt8(scalar))
    } else if scalar < 0x800 {
      text.append(0xC0 | UInt8(scalar >> 6))
      text.append(0x80 | UInt8(scalar & 0x3F))
    } else if scalar < 0x10000 {
      text.append(0xE0 | UInt8(scalar >> 12))
      text.append(0x80 | UInt8(scalar >> 6 & 0x3F))
      text.append(0x80 | UInt8(scalar & 0x3F))
    } else {
      text.append(0xF0 | UInt8(scalar >> 18))
      text.append(0x80 | UInt8(scalar >> 12 & 0x3F))
      text.append(0x80 | UInt8(scalar >> 6 & 0x3F))
      text.append(0x80 | UInt8(scalar & 0x3F))
    }
  }
}
