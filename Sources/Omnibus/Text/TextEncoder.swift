/// Turns text that is UTF-8 into the bytes of an encoding. What a `TextDecoder` kept of bytes that stand for no character
/// becomes those bytes again.
public struct TextEncoder: Sendable {
  private let encoding: TextEncoding

  /// An encoder.
  public init(_ encoding: TextEncoding) { self.encoding = encoding }

  /// Appends what stands before the first text: the byte order mark of `utf-16`, nothing otherwise.
  public func begin(into bytes: inout [UInt8]) {
    if encoding == .utf16 { bytes += [0xFF, 0xFE] }
  }

  /// Appends the bytes of `text`. Answers which character, from 0, is the first that the encoding does not have, and
  /// puts a question mark in its place, as in that of each that follows; nil where it has all.
  @discardableResult
  public func encode(_ text: UnsafeBufferPointer<UInt8>, into bytes: inout [UInt8]) -> Int? {
    guard encoding != .utf8 else {
      bytes.append(contentsOf: text)
      return nil
    }
    var firstProblem: Int?
    var place = 0
    var character = 0
    while place < text.count {
      if text[place] < 0x80 {
        appendUnit(UInt16(text[place]), to: &bytes)
        place += 1
      } else if place + 1 < text.count, let byte = InvalidByte.byte(text[place], text[place + 1]) {
        bytes.append(byte)
        place += 2
      } else {
        let (scalar, length) = Self.scalar(text, at: place)
        if !append(scalar, to: &bytes) {
          firstProblem = firstProblem ?? character
          appendUnit(UInt16(UInt8(ascii: "?")), to: &bytes)
        }
        place += length
      }
      character += 1
    }
    return firstProblem
  }

  /// Which character of `text`, from 0, is the first that the encoding does not have; nil where it has all.
  public func firstUnmappable(in text: UnsafeBufferPointer<UInt8>) -> Int? {
    guard !encoding.isUnicode, text.contains(where: { $0 >= 0x80 }) else { return nil }
    var bytes: [UInt8] = []
    return encode(text, into: &bytes)
  }

  private func append(_ scalar: UInt32, to bytes: inout [UInt8]) -> Bool {
    switch encoding {
    case .latin1:
      guard scalar <= 0xFF else { return false }
      bytes.append(UInt8(scalar))
    case .windows1252:
      guard let byte = Windows1252.byte(scalar) else { return false }
      bytes.append(byte)
    case .utf8, .utf16, .utf16LittleEndian, .utf16BigEndian:
      if scalar < 0x10000 {
        appendUnit(UInt16(scalar), to: &bytes)
      } else {
        appendUnit(UInt16(0xD800 + (scalar - 0x10000) >> 10), to: &bytes)
        appendUnit(UInt16(0xDC00 + (scalar - 0x10000) & 0x3FF), to: &bytes)
      }
    }
    return true
  }

  @inline(__always)
  private func appendUnit(_ unit: UInt16, to bytes: inout [UInt8]) {
    switch encoding {
    case .utf16, .utf16LittleEndian:
      bytes.append(UInt8(truncatingIfNeeded: unit))
      bytes.append(UInt8(truncatingIfNeeded: unit >> 8))
    case .utf16BigEndian:
      bytes.append(UInt8(truncatingIfNeeded: unit >> 8))
      bytes.append(UInt8(truncatingIfNeeded: unit))
    case .utf8, .latin1, .windows1252: bytes.append(UInt8(truncatingIfNeeded: unit))
    }
  }

  /// The character at a place and how many bytes it takes; surrogates in the form of UTF-8 count as characters, and a
  /// byte with which nothing starts as U+FFFD.
  private static func scalar(_ text: UnsafeBufferPointer<UInt8>, at place: Int) -> (UInt32, Int) {
    let first = text[place]
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first < 0xF8, place + length <= text.count else { return (0xFFFD, 1) }
    var scalar = UInt32(first) & (0x7F >> UInt32(length))
    for next in place + 1..<place + length {
      guard text[next] & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(text[next] & 0x3F)
    }
    return (scalar, length)
  }
}
