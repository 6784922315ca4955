/// Cuts the text of an expression into tokens (cel-spec, "Syntax").
struct Lexer {
  private let source: SourceText
  private var place: Int

  /// Reads from the byte at `start` on.
  init(_ source: SourceText, from start: Int = 0) {
    self.source = source
    place = start
  }

  private var bytes: [UInt8] { source.bytes }

  /// The next token; the end comes again and again.
  mutating func next() throws(ExpressionError.Problem) -> Token {
    skipSpace()
    let start = place
    guard let byte = peek() else { return Token(kind: .end, span: Span(start, start)) }
    if Self.isLetter(byte) { return try word() }
    if Self.isDigit(byte) || (byte == UInt8(ascii: ".") && peek(1).map(Self.isDigit) == true) { return try number() }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): return try string(isRaw: false, isBytes: false, start: start)
    case UInt8(ascii: "`"): return try quotedName()
    default: return try symbol()
    }
  }

  // MARK: names and symbols

  private mutating func word() throws(ExpressionError.Problem) -> Token {
    let start = place
    if let quote = try prefixedString() { return quote }
    while let byte = peek(), Self.isLetter(byte) || Self.isDigit(byte) { place += 1 }
    let span = Span(start, place)
    let name = source.text(span)
    switch name {
    case "in": return Token(kind: .symbol(.in), span: span)
    case "true": return Token(kind: .symbol(.true), span: span)
    case "false": return Token(kind: .symbol(.false), span: span)
    case "null": return Token(kind: .symbol(.null), span: span)
    default: return Token(kind: .identifier(name), span: span)
    }
  }

  /// A string with one of the prefixes `r`, `b`, `br`, in any case.
  private mutating func prefixedString() throws(ExpressionError.Problem) -> Token? {
    let start = place
    var length = 0
    var isBytes = false
    var isRaw = false
    if let byte = peek(), byte | 0x20 == UInt8(ascii: "b") {
      isBytes = true
      length = 1
    }
    if let byte = peek(length), byte | 0x20 == UInt8(ascii: "r") {
      isRaw = true
      length += 1
    }
    guard length > 0, let quote = peek(length), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
      return nil
    }
    place += length
    return try string(isRaw: isRaw, isBytes: isBytes, start: start)
  }

  private mutating func quotedName() throws(ExpressionError.Problem) -> Token {
    let start = place
    place += 1
    while let byte = peek(), byte != UInt8(ascii: "`") {
      guard Self.isLetter(byte) || Self.isDigit(byte) || [0x2E, 0x2D, 0x2F, 0x20].contains(byte) else {
        throw problem("a name in backticks holds letters, digits and any of _ . - / and space", place, place + 1)
      }
      place += 1
    }
    guard peek() != nil, place > start + 1 else {
      throw problem("a name in backticks is empty or not closed", start, place)
    }
    place += 1
    return Token(kind: .quoted(source.text(Span(start + 1, place - 1))), span: Span(start, place))
  }

  private mutating func symbol() throws(ExpressionError.Problem) -> Token {
    let start = place
    for length in [2, 1] where start + length <= bytes.count {
      if let symbol = Token.Symbol(rawValue: source.text(Span(start, start + length))) {
        place += length
        return Token(kind: .symbol(symbol), span: Span(start, place))
      }
    }
    var end = start + 1
    while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
    let found = source.text(Span(start, end))
    let instead = ["=": "==", "&": "&&", "|": "||"][found]
    throw problem(
      "unexpected character \"\(found)\"" + (instead.map { "; did you mean \"\($0)\"?" } ?? ""), start, end)
  }

  // MARK: numbers

  private mutating func number() throws(ExpressionError.Problem) -> Token {
    let start = place
    if peek() == UInt8(ascii: "0"), let mark = peek(1), mark | 0x20 == UInt8(ascii: "x") { return try hexadecimal() }
    var isDouble = false
    skipDigits()
    if peek() == UInt8(ascii: "."), peek(1).map(Self.isDigit) == true {
      isDouble = true
      place += 1
      skipDigits()
    }
    if let mark = peek(), mark | 0x20 == UInt8(ascii: "e") {
      let sign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-") ? 2 : 1
      if peek(sign).map(Self.isDigit) == true {
        isDouble = true
        place += sign
        skipDigits()
      }
    }
    guard isDouble else { return try integer(start, digits: start, radix: 10) }
    try refuseLetter(start)
    guard let value = Double(source.text(Span(start, place))), value.isFinite else {
      throw problem("the number is too large for a double", start, place)
    }
    return Token(kind: .double(value), span: Span(start, place))
  }

  private mutating func hexadecimal() throws(ExpressionError.Problem) -> Token {
    let start = place
    place += 2
    while let byte = peek(), Self.hexValue(byte) != nil { place += 1 }
    guard place > start + 2 else { throw problem("0x is not followed by hexadecimal digits", start, place) }
    return try integer(start, digits: start + 2, radix: 16)
  }

  private mutating func integer(_ start: Int, digits: Int, radix: Int) throws(ExpressionError.Problem) -> Token {
    let value = UInt64(source.text(Span(digits, place)), radix: radix)
    var isUnsigned = false
    if let mark = peek(), mark | 0x20 == UInt8(ascii: "u") {
      isUnsigned = true
      place += 1
    }
    try refuseLetter(start)
    guard let value else { throw problem("the number does not fit 64 bits", start, place) }
    return Token(kind: isUnsigned ? .uint(value) : .int(value), span: Span(start, place))
  }

  private mutating func skipDigits() {
    while let byte = peek(), Self.isDigit(byte) { place += 1 }
  }

  private func refuseLetter(_ start: Int) throws(ExpressionError.Problem) {
    guard let byte = peek(), Self.isLetter(byte) || Self.isDigit(byte) else { return }
    throw problem("a number is directly followed by a letter", start, place + 1)
  }

  // MARK: strings

  /// A string whose opening quote is at `place`.
  private mutating func string(isRaw: Bool, isBytes: Bool, start: Int) throws(ExpressionError.Problem) -> Token {
    let quote = bytes[place]
    let isTriple = peek(1) == quote && peek(2) == quote
    place += isTriple ? 3 : 1
    let content = place
    while true {
      guard let byte = peek(), isTriple || (byte != UInt8(ascii: "\n") && byte != UInt8(ascii: "\r")) else {
        throw problem("the string is not closed", start, place)
      }
      if byte == UInt8(ascii: "\\"), !isRaw, peek(1) != nil {
        place += 2
      } else if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
        break
      } else {
        place += 1
      }
    }
    let raw = Span(content, place)
    place += isTriple ? 3 : 1
    let decoded = isRaw ? Array(bytes[content..<raw.end]) : try StringEscapes.decode(source, raw, isBytes: isBytes)
    let kind = isBytes ? Token.Kind.bytes(decoded) : .string(String(decoding: decoded, as: UTF8.self))
    return Token(kind: kind, span: Span(start, place))
  }

  // MARK: bytes

  private mutating func skipSpace() {
    while let byte = peek() {
      if [0x20, 0x09, 0x0A, 0x0C, 0x0D].contains(byte) {
        place += 1
      } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        while let byte = peek(), byte != UInt8(ascii: "\n") { place += 1 }
      } else {
        return
      }
    }
  }

  private func peek(_ ahead: Int = 0) -> UInt8? { place + ahead < bytes.count ? bytes[place + ahead] : nil }

  private func problem(_ message: String, _ start: Int, _ end: Int) -> ExpressionError.Problem {
    source.problem("expression-syntax", message, at: Span(start, min(end, bytes.count)))
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 || byte == UInt8(ascii: "_") }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// The value of a hexadecimal digit.
  static func hexValue(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - 0x30)
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - 0x61 + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - 0x41 + 10)
    default: nil
    }
  }
}
