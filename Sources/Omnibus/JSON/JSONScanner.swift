/// Checks a JSON text (RFC 8259) and writes its tape, in one pass and without recursion.
///
/// The text is followed by eight zero bytes, and no zero byte is part of any token: what looks ahead by up to eight
/// bytes therefore needs no check for the end.
struct JSONScanner: ~Copyable {
  /// A container that is open while an inner one is read.
  private struct Frame {
    var container: Int
    var count: Int
    var isObject: Bool
    var names: JSONNameFilter
  }

  private var tape: JSONTape
  private var bytes: UnsafeMutablePointer<UInt8>
  private var words: UnsafeMutablePointer<UInt64>
  private let byteCount: Int
  private let depthLimit: Int
  private var place = 0
  private var word = 0
  private var nonASCII: UInt64 = 0
  private var current = Frame(container: 0, count: 0, isObject: false, names: JSONNameFilter())

  /// Indexes `text`.
  static func scan(_ text: UnsafeBufferPointer<UInt8>, limits: JSONLimits) throws(JSONProblem) -> JSONText {
    guard text.count <= limits.bytes else { throw JSONProblem(.size, at: 0) }
    var scanner = JSONScanner(text, limits: limits)
    try scanner.scan()
    if scanner.nonASCII & 0x8080_8080_8080_8080 != 0, let offset = UTF8Check.firstProblem(in: text) {
      throw JSONProblem(.utf8, at: offset)
    }
    return scanner.finish()
  }

  private init(_ text: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
    // Formatted texts take a word for eight bytes or more, dense ones one for five or six: what is left over is given
    // back, which costs less than to grow.
    tape = JSONTape(text, capacity: text.count / 5 + 16)
    bytes = tape.bytes
    words = tape.words
    byteCount = text.count
    depthLimit = limits.depth
  }

  private consuming func finish() -> JSONText { tape.finish(words: word) }

  private mutating func scan() throws(JSONProblem) {
    if bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { place = 3 }
    let frames = UnsafeMutablePointer<Frame>.allocate(capacity: depthLimit + 1)
    defer { frames.deallocate() }
    var depth = 0
    skipSpace()
    while true {
      if word &+ 4 > tape.capacity { grow() }
      if current.isObject { try name() }
      let byte = bytes[place]
      if byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") {
        guard depth < depthLimit else { throw JSONProblem(.depth, at: place) }
        frames[depth] = current
        depth &+= 1
        open(isObject: byte == UInt8(ascii: "{"))
        guard bytes[place] == closer else { continue }
      } else {
        try scalar(byte)
        guard depth > 0 else { break }
        current.count &+= 1
        skipSpace()
      }
      while bytes[place] != UInt8(ascii: ",") {
        try close()
        depth &-= 1
        current = frames[depth]
        guard depth > 0 else { break }
        current.count &+= 1
        skipSpace()
      }
      guard depth > 0 else { break }
      place &+= 1
      skipSpace()
    }
    skipSpace()
    guard place == byteCount else { throw JSONProblem(.trailing, at: place) }
  }

  private mutating func grow() {
    tape.grow()
    bytes = tape.bytes
    words = tape.words
  }

  // MARK: containers

  @inline(__always)
  private var closer: UInt8 { current.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]") }

  @inline(__always)
  private mutating func open(isObject: Bool) {
    current = Frame(container: word, count: 0, isObject: isObject, names: JSONNameFilter())
    words[word &+ 1] = UInt64(place)
    word &+= 2
    place &+= 1
    skipSpace()
  }

  @inline(__always)
  private mutating func close() throws(JSONProblem) {
    guard bytes[place] == closer else {
      throw JSONProblem(current.isObject ? .expectedCommaOrBrace : .expectedCommaOrBracket, at: place)
    }
    place &+= 1
    if current.names.mayRepeat {
      (word, current.count) = JSONRepeatedNames.drop(
        bytes, words, from: current.container + 2, to: word, count: current.count)
    }
    words[current.container] = Self.tapeWord(current.isObject ? 8 : 7, current.count, word)
    words[current.container &+ 1] |= UInt64(place) &<< 32
  }

  @inline(__always)
  private mutating func name() throws(JSONProblem) {
    guard bytes[place] == UInt8(ascii: "\"") else { throw JSONProblem(.expectedName, at: place) }
    let start = place &+ 1
    let hasEscapes = try string()
    current.names.insert(bytes + start, length: place &- 1 &- start, hasEscapes: hasEscapes)
    skipSpace()
    guard bytes[place] == UInt8(ascii: ":") else { throw JSONProblem(.expectedColon, at: place) }
    place &+= 1
    skipSpace()
  }

  // MARK: scalars

  @inline(__always)
  private mutating func scalar(_ byte: UInt8) throws(JSONProblem) {
    switch byte {
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    // The words in the byte order of the machine, which is little-endian on all that Swift runs on.
    case UInt8(ascii: "t"): try literal(0x6575_7274, kind: 2, skip: 0)
    case UInt8(ascii: "f"): try literal(0x6573_6C61, kind: 1, skip: 1)
    case UInt8(ascii: "n"): try literal(0x6C6C_756E, kind: 0, skip: 0)
    default: throw JSONProblem(.expectedValue, at: place)
    }
  }

  @inline(__always)
  private mutating func literal(_ expected: UInt32, kind: UInt64, skip: Int) throws(JSONProblem) {
    guard UnsafeRawPointer(bytes + place + skip).loadUnaligned(as: UInt32.self) == expected else {
      throw JSONProblem(.literal, at: place)
    }
    append(kind, length: 4 &+ skip, offset: place)
    place &+= 4 &+ skip
  }

  @inline(__always)
  private mutating func number() throws(JSONProblem) {
    let start = place
    var kind: UInt64 = 3
    if bytes[place] == UInt8(ascii: "-") { place &+= 1 }
    if bytes[place] == UInt8(ascii: "0") {
      place &+= 1
      if isDigit { throw JSONProblem(.leadingZero, at: place &- 1) }
    } else {
      try digits()
    }
    if bytes[place] == UInt8(ascii: ".") {
      kind = 4
      place &+= 1
      try digits()
    }
    if bytes[place] | 0x20 == UInt8(ascii: "e") {
      kind = 4
      place &+= 1
      if bytes[place] == UInt8(ascii: "+") || bytes[place] == UInt8(ascii: "-") { place &+= 1 }
      try digits()
    }
    append(kind, length: place &- start, offset: start)
  }

  @inline(__always)
  private var isDigit: Bool { bytes[place] &- UInt8(ascii: "0") < 10 }

  @inline(__always)
  private mutating func digits() throws(JSONProblem) {
    guard isDigit else { throw JSONProblem(.number, at: place) }
    repeat { place &+= 1 } while isDigit
  }

  /// Reads a string from its opening quote to behind its closing one; answers whether it holds escapes.
  @inline(__always)
  private mutating func string() throws(JSONProblem) -> Bool {
    place &+= 1
    let start = place
    var hasEscapes = false
    while true {
      // Eight bytes at once: the high bit of each that is a quote, a backslash or below a space; the lowest is exact.
      let eight = UnsafeRawPointer(bytes + place).loadUnaligned(as: UInt64.self)
      let quote = eight ^ 0x2222_2222_2222_2222
      let backslash = eight ^ 0x5C5C_5C5C_5C5C_5C5C
      let ones: UInt64 = 0x0101_0101_0101_0101
      let special =
        (((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((eight &- ones &* 0x20) & ~eight))
        & 0x8080_8080_8080_8080
      if special == 0 {
        nonASCII |= eight
        place &+= 8
        continue
      }
      let bits = special.trailingZeroBitCount
      nonASCII |= eight & ((1 &<< UInt64(bits &- 7)) &- 1)
      place &+= bits &>> 3
      if bytes[place] == UInt8(ascii: "\"") { break }
      hasEscapes = true
      try escape(from: start)
    }
    append(hasEscapes ? 6 : 5, length: place &- start, offset: start)
    place &+= 1
    return hasEscapes
  }

  /// Reads an escape, or says what else ended the run of plain characters.
  private mutating func escape(from start: Int) throws(JSONProblem) {
    guard bytes[place] == UInt8(ascii: "\\") else {
      throw place >= byteCount ? JSONProblem(.unterminated, at: start - 1) : JSONProblem(.control, at: place)
    }
    switch bytes[place + 1] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      place += 2
    case UInt8(ascii: "u"):
      let unit = try codeUnit(at: place)
      // Halves of a pair alone are no characters (RFC 8259, 8.2): replacing them would change the text in silence.
      guard unit & 0xFC00 != 0xDC00 else { throw JSONProblem(.surrogate, at: place) }
      if unit & 0xFC00 == 0xD800 {
        guard bytes[place + 6] == UInt8(ascii: "\\"), bytes[place + 7] == UInt8(ascii: "u"),
          try codeUnit(at: place + 6) & 0xFC00 == 0xDC00
        else { throw JSONProblem(.surrogate, at: place) }
        place += 6
      }
      place += 6
    default:
      throw JSONProblem(.escape, at: place)
    }
  }

  /// The code unit of the escape `\uXXXX` at `start`.
  private func codeUnit(at start: Int) throws(JSONProblem) -> UInt32 {
    var unit: UInt32 = 0
    for offset in 2..<6 {
      let byte = bytes[start + offset]
      let letter = (byte | 0x20) &- UInt8(ascii: "a")
      let digit = byte &- UInt8(ascii: "0")
      guard digit < 10 || letter < 6 else { throw JSONProblem(.escape, at: start) }
      unit = unit << 4 | UInt32(digit < 10 ? digit : letter + 10)
    }
    return unit
  }

  // MARK: words and white space

  @inline(__always)
  private mutating func append(_ kind: UInt64, length: Int, offset: Int) {
    words[word] = Self.tapeWord(kind, length, offset)
    word &+= 1
  }

  @inline(__always)
  private static func tapeWord(_ kind: UInt64, _ length: Int, _ offset: Int) -> UInt64 {
    kind &<< 60 | UInt64(truncatingIfNeeded: length) &<< 32 | UInt64(truncatingIfNeeded: offset)
  }

  @inline(__always)
  private mutating func skipSpace() {
    while true {
      let byte = bytes[place]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      place &+= 1
    }
  }
}
