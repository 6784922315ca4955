/// Finds the fields of one record (RFC 4180, 2, and dialects).
///
/// The bytes are followed by sixteen zero bytes, so eight can be looked at from any of them.
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

  private let delimiter: UInt8
  private let quote: UInt8
  private let hasQuotes: Bool
  private let hasBackslashes: Bool
  private let allowsBareQuotes: Bool
  private let trims: Bool
  /// JSON's quote is looked for only where it is the file's as well.
  private let canBePlain: Bool

  init(_ dialect: Dialect) {
    delimiter = dialect.delimiter
    hasQuotes = dialect.quote != nil
    quote = dialect.quote ?? UInt8(ascii: "\"")
    hasBackslashes = dialect.hasBackslashes
    allowsBareQuotes = dialect.allowsBareQuotes || !hasQuotes
    trims = dialect.trims
    canBePlain = quote == UInt8(ascii: "\"")
  }

  /// Reads the record that starts at `start`, in bytes that end at `end` and are all that comes where `isComplete`.
  func scan(
    _ bytes: UnsafePointer<UInt8>, from start: Int, to end: Int, isComplete: Bool, fields: inout FieldList
  ) -> Outcome {
    fields.removeAll()
    var specials = SpecialBytes(in: bytes, from: start, delimiter: delimiter, quote: quote)
    defer { fields.isASCII = specials.isASCII }
    var place = start
    while true {
      if trims { place = skipBlanks(bytes, place) }
      let isQuoted = hasQuotes && bytes[place] == quote && place < end
      let first = isQuoted ? place &+ 1 : place
      var field = FieldList.Field(start: first, end: first, isQuoted: isQuoted, hasEscapes: false, isPlain: canBePlain)
      let last: Int
      if isQuoted {
        switch quoted(bytes, &specials, from: first, to: end, isComplete: isComplete, field: &field) {
        case .end(let closing): last = closing
        case .incomplete: return .incomplete
        case .bad(let problem, let offset): return .bad(problem, at: offset, next: end)
        }
        place = last &+ 1
        if trims { place = skipBlanks(bytes, place) }
      } else {
        switch unquoted(bytes, &specials, from: first, to: end, isComplete: isComplete, field: &field) {
        case .end(let stop): place = stop
        case .incomplete: return .incomplete
        case .bad(let problem, let offset): return resync(problem, bytes, at: offset, to: end, isComplete: isComplete)
        }
        last = trims ? dropBlanks(bytes, from: first, to: place) : place
      }
      field.end = last
      fields.append(field)
      if place >= end { return isComplete ? .record(next: end) : .incomplete }
      if bytes[place] == delimiter {
        place &+= 1
        continue
      }
      switch lineEnd(bytes, at: place, to: end, isComplete: isComplete) {
      case .end(let next): return .record(next: next)
      case .incomplete: return .incomplete
      case .bad:
        fields.removeLast()
        return resync(.textAfterQuote, bytes, at: place, to: end, isComplete: isComplete)
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
    _ bytes: UnsafePointer<UInt8>, _ specials: inout SpecialBytes, from start: Int, to end: Int, isComplete: Bool,
    field: inout FieldList.Field
  ) -> Reach {
    var place = specials.next(from: start)
    while true {
      let byte = bytes[place]
      if byte == delimiter { return .end(place) }
      if place >= end { return isComplete ? .end(end) : .incomplete }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return .end(place) }
      field.isPlain = false
      if byte == UInt8(ascii: "\\"), hasBackslashes {
        guard place &+ 1 < end else { return isComplete ? .bad(.backslashAtEnd, place) : .incomplete }
        field.hasEscapes = true
        place &+= 1
      } else if byte == quote, !allowsBareQuotes {
        return .bad(.bareQuote, place)
      }
      place = specials.next(from: place &+ 1)
    }
  }

  @inline(__always)
  private func quoted(
    _ bytes: UnsafePointer<UInt8>, _ specials: inout SpecialBytes, from start: Int, to end: Int, isComplete: Bool,
    field: inout FieldList.Field
  ) -> Reach {
    var place = specials.next(from: start)
    while true {
      if place >= end { return isComplete ? .bad(.unterminated, start &- 1) : .incomplete }
      let byte = bytes[place]
      if byte == quote {
        if place &+ 1 >= end { return isComplete ? .end(place) : .incomplete }
        guard bytes[place &+ 1] == quote else { return .end(place) }
        field.hasEscapes = true
        field.isPlain = false
        place &+= 1
      } else if byte != delimiter || byte < 0x20 {
        field.isPlain = false
        if byte == UInt8(ascii: "\\"), hasBackslashes {
          guard place &+ 1 < end else { return isComplete ? .bad(.unterminated, start &- 1) : .incomplete }
          field.hasEscapes = true
          place &+= 1
        }
      }
      place = specials.next(from: place &+ 1)
    }
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
    (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")) && byte != delimiter
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
