/// Finds the fields of one record (RFC 4180, 2, and dialects).
///
/// The bytes are followed by eight zero bytes, so eight can be looked at from any of them.
struct RecordScanner {
  /// What a record turned out to be.
  enum Outcome {
    /// A record that ends before `next`.
    case record(next: Int)
    /// Not all of the record is there yet.
    case incomplete
    /// A record that breaks the rules at a byte, and ends before `next`.
    case bad(Problem, at: Int, next: Int)
  }

  /// Which rule a record breaks.
  enum Problem: String {
    case bareQuote = "a quote within a field that is not enclosed in quotes"
    case textAfterQuote = "text after the closing quote of a field"
    case unterminated = "a quote that is not closed"
    case backslashAtEnd = "a backslash with nothing behind it"
  }

  private let dialect: Dialect
  private let quote: UInt8
  private let hasQuotes: Bool
  private let delimiters: UInt64
  private let quotes: UInt64

  init(_ dialect: Dialect) {
    self.dialect = dialect
    hasQuotes = dialect.quote != nil
    quote = dialect.quote ?? dialect.delimiter
    delimiters = 0x0101_0101_0101_0101 &* UInt64(dialect.delimiter)
    quotes = 0x0101_0101_0101_0101 &* UInt64(quote)
  }

  /// Reads the record that starts at `start`, in bytes that end at `end` and are all that comes where `isComplete`.
  func scan(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool, fields: inout FieldList
  ) -> Outcome {
    fields.removeAll()
    var place = start
    while true {
      if dialect.trims { place = skipBlanks(bytes, place) }
      let isQuoted = hasQuotes && bytes[place] == quote && place < end
      let first = isQuoted ? place &+ 1 : place
      var hasEscapes = false
      let last: Int
      if isQuoted {
        switch quoted(bytes, from: first, to: end, isComplete: isComplete, hasEscapes: &hasEscapes) {
        case .end(let closing): last = closing
        case .incomplete: return .incomplete
        case .bad(let problem, let offset): return .bad(problem, at: offset, next: end)
        }
        place = last &+ 1
        if dialect.trims { place = skipBlanks(bytes, place) }
      } else {
        switch unquoted(bytes, from: first, to: end, isComplete: isComplete, hasEscapes: &hasEscapes) {
        case .end(let stop): place = stop
        case .incomplete: return .incomplete
        case .bad(let problem, let offset): return resync(problem, bytes, at: offset, to: end, isComplete: isComplete)
        }
        last = dialect.trims ? dropBlanks(bytes, from: first, to: place) : place
      }
      fields.append(FieldList.Field(start: first, end: last, isQuoted: isQuoted, hasEscapes: hasEscapes))
      if place >= end { return isComplete ? .record(next: end) : .incomplete }
      if bytes[place] == dialect.delimiter {
        place &+= 1
        continue
      }
      switch lineEnd(bytes, at: place, to: end, isComplete: isComplete) {
      case .end(let next): return .record(next: next)
      case .incomplete: return .incomplete
      case .bad: return resync(.textAfterQuote, bytes, at: place, to: end, isComplete: isComplete)
      }
    }
  }

  /// Where the line that `start` is in ends, its line ending included; nil where that is not there yet.
  func endOfLine(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool) -> Int? {
    var place = start
    while place < end, bytes[place] != UInt8(ascii: "\n"), bytes[place] != UInt8(ascii: "\r") { place += 1 }
    guard place < end else { return isComplete ? end : nil }
    if case .end(let next) = lineEnd(bytes, at: place, to: end, isComplete: isComplete) { return next }
    return nil
  }

  // MARK: fields

  private enum Reach {
    case end(Int)
    case incomplete
    case bad(Problem, Int)
  }

  @inline(__always)
  private func unquoted(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool, hasEscapes: inout Bool
  ) -> Reach {
    var place = start
    while true {
      let special = specials(bytes, place, withDelimiters: true)
      if special == 0 {
        place &+= 8
        continue
      }
      place &+= special.trailingZeroBitCount &>> 3
      if place >= end { return isComplete ? .end(end) : .incomplete }
      let byte = bytes[place]
      if byte == dialect.delimiter || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return .end(place) }
      if byte == UInt8(ascii: "\\"), dialect.hasBackslashes {
        guard place &+ 1 < end else { return isComplete ? .bad(.backslashAtEnd, place) : .incomplete }
        hasEscapes = true
        place &+= 1
      } else if byte == quote, hasQuotes, !dialect.allowsBareQuotes {
        return .bad(.bareQuote, place)
      }
      place &+= 1
    }
  }

  @inline(__always)
  private func quoted(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool, hasEscapes: inout Bool
  ) -> Reach {
    var place = start
    while true {
      let special = specials(bytes, place, withDelimiters: false)
      if special == 0 {
        place &+= 8
        continue
      }
      place &+= special.trailingZeroBitCount &>> 3
      if place >= end { return isComplete ? .bad(.unterminated, start &- 1) : .incomplete }
      let byte = bytes[place]
      if byte == quote {
        if place &+ 1 >= end { return isComplete ? .end(place) : .incomplete }
        guard bytes[place &+ 1] == quote else { return .end(place) }
        hasEscapes = true
        place &+= 1
      } else if byte == UInt8(ascii: "\\"), dialect.hasBackslashes {
        guard place &+ 1 < end else { return isComplete ? .bad(.unterminated, start &- 1) : .incomplete }
        hasEscapes = true
        place &+= 1
      }
      place &+= 1
    }
  }

  /// The high bit of each of eight bytes that means something: quotes, delimiters, backslashes, all control characters;
  /// the lowest is exact.
  @inline(__always)
  private func specials(_ bytes: UnsafePointer<UInt8>, _ place: Int, withDelimiters: Bool) -> UInt64 {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let eight = UnsafeRawPointer(bytes + place).loadUnaligned(as: UInt64.self)
    let atQuote = eight ^ quotes
    var special = ((atQuote &- ones) & ~atQuote) | ((eight &- ones &* 0x20) & ~eight)
    if withDelimiters {
      let atDelimiter = eight ^ delimiters
      special |= (atDelimiter &- ones) & ~atDelimiter
    }
    if dialect.hasBackslashes {
      let atBackslash = eight ^ 0x5C5C_5C5C_5C5C_5C5C
      special |= (atBackslash &- ones) & ~atBackslash
    }
    return special & 0x8080_8080_8080_8080
  }

  // MARK: lines and blanks

  /// What follows the line ending at `place`: a line feed, a carriage return, or both.
  @inline(__always)
  private func lineEnd(_ bytes: UnsafePointer<UInt8>, at place: Int, to end: Int, isComplete: Bool) -> Reach {
    if bytes[place] == UInt8(ascii: "\n") { return .end(place &+ 1) }
    guard bytes[place] == UInt8(ascii: "\r") else { return .bad(.textAfterQuote, place) }
    if place &+ 1 >= end { return isComplete ? .end(end) : .incomplete }
    return .end(bytes[place &+ 1] == UInt8(ascii: "\n") ? place &+ 2 : place &+ 1)
  }

  /// Ends a record that breaks the rules at `offset` with the line that it does so in.
  private func resync(
    _ problem: Problem, _ bytes: UnsafePointer<UInt8>, at offset: Int, to end: Int, isComplete: Bool
  ) -> Outcome {
    endOfLine(bytes, from: offset, to: end, isComplete: isComplete)
      .map { .bad(problem, at: offset, next: $0) } ?? .incomplete
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) && byte != dialect.delimiter
  }

  private func skipBlanks(_ bytes: UnsafePointer<UInt8>, _ start: Int) -> Int {
    var place = start
    while isBlank(bytes[place]) { place += 1 }
    return place
  }

  private func dropBlanks(_ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int) -> Int {
    var place = end
    while place > start, isBlank(bytes[place - 1]) { place -= 1 }
    return place
  }
}
