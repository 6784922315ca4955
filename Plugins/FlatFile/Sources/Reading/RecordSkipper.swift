/// Finds the end of a record that is too long to be held, byte by byte.
struct RecordSkipper {
  private enum State {
    case fieldStart, unquoted, quoted, quoteInQuoted, escaped(inQuotes: Bool)
  }

  private let dialect: Dialect
  private var state = State.fieldStart

  init(_ dialect: Dialect) { self.dialect = dialect }

  /// Whether the record ends with `byte`, a line break outside of quotes.
  mutating func ends(with byte: UInt8) -> Bool {
    switch state {
    case .quoted:
      if byte == dialect.quote { state = .quoteInQuoted }
      if byte == UInt8(ascii: "\\"), dialect.hasBackslashes { state = .escaped(inQuotes: true) }
      return false
    case .escaped(let inQuotes):
      state = inQuotes ? .quoted : .unquoted
      return false
    case .quoteInQuoted where byte == dialect.quote:
      state = .quoted
      return false
    case .fieldStart where byte == dialect.quote:
      state = .quoted
      return false
    case .fieldStart where dialect.trims && (byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")):
      return false
    case .fieldStart, .unquoted, .quoteInQuoted:
      if byte == UInt8(ascii: "\\"), dialect.hasBackslashes {
        state = .escaped(inQuotes: false)
      } else {
        state = byte == dialect.delimiter ? .fieldStart : .unquoted
      }
      return byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
    }
  }
}
