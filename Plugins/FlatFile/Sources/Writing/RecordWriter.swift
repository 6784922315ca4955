import Omnibus

/// Writes records by a layout.
struct RecordWriter {
  private let dialect: Dialect
  private let columns: [Column]
  private let lineEnding: [UInt8]

  init(_ dialect: Dialect, _ columns: [Column], lineEnding: [UInt8]) {
    self.dialect = dialect
    self.columns = columns
    self.lineEnding = lineEnding
  }

  /// Writes the record that names the columns.
  func writeHeader(into bytes: inout [UInt8]) throws(Failure) {
    for (place, column) in columns.enumerated() {
      if place > 0 { bytes.append(dialect.delimiter) }
      guard write(Array(column.header.utf8), into: &bytes) else {
        throw Failure(.invalid, "the header of column \(place + 1) cannot be written without quotes")
      }
    }
    bytes.append(contentsOf: lineEnding)
  }

  /// Writes one record; an absent member or null is an empty field.
  func write(_ record: Value, number: Int, into bytes: inout [UInt8]) throws(Failure) {
    let start = bytes.count
    for (place, column) in columns.enumerated() {
      if place > 0 { bytes.append(dialect.delimiter) }
      let text = text(of: record.member(column.name)?.resolved ?? .null, as: column)
      guard let text, !(text.isEmpty && column.isRequired) else {
        let name = column.isDeclared ? " (\(column.name))" : ""
        let detail = text == nil ? "is not \(column.expectation)" : "is required, and empty"
        throw Failure(
          .invalid, "record \(number): column \(place + 1)\(name) \(detail)",
          problems: [Failure.Problem(detail, place: column.isDeclared ? column.name : "column \(place + 1)")])
      }
      guard write(text, into: &bytes) else {
        throw Failure(.invalid, "record \(number): column \(place + 1) cannot be written without quotes")
      }
    }
    // A line with nothing in it would be no record.
    if bytes.count == start, let quote = dialect.quote { bytes += [quote, quote] }
    bytes.append(contentsOf: lineEnding)
  }

  // MARK: fields

  /// The text of a value in a column; nil where the value is not what the column holds.
  private func text(of value: Value, as column: Column) -> [UInt8]? {
    if case .null = value { return [] }
    switch (column.content, value) {
    case (.string, .string(let text)): return Array(text.utf8)
    case (.string, .bool(let flag)): return Array((flag ? "true" : "false").utf8)
    case (.integer, .int), (.integer, .uint), (.decimal, .int), (.decimal, .uint), (.string, .int), (.string, .uint),
      (.decimal, .decimal), (.decimal, .double), (.string, .decimal), (.string, .double):
      return try? value.jsonBytes()
    case (.integer, .decimal(let number)):
      // A whole number that is larger than an int is kept as a decimal.
      return number.text.utf8.allSatisfy { $0 == UInt8(ascii: "-") || $0 &- UInt8(ascii: "0") < 10 }
        ? Array(number.text.utf8) : nil
    case (.boolean(let whenTrue, let whenFalse), .bool(let flag)): return flag ? whenTrue.first : whenFalse.first
    case (.date(let format), .string(let text)):
      guard !text.isEmpty else { return [] }
      var bytes: [UInt8] = []
      return format.localise(text, into: &bytes) ? bytes : nil
    case (.string, .timestamp(let moment)): return Array(moment.text.utf8)
    default: return nil
    }
  }

  /// Writes a field, in quotes where it holds what means something; answers false where there are none to write.
  private func write(_ text: [UInt8], into bytes: inout [UInt8]) -> Bool {
    guard needsQuotes(text) else {
      bytes.append(contentsOf: text)
      return true
    }
    if let quote = dialect.quote {
      bytes.append(quote)
      for byte in text {
        if dialect.hasBackslashes, byte == quote || byte == UInt8(ascii: "\\") {
          bytes.append(UInt8(ascii: "\\"))
        } else if byte == quote {
          bytes.append(quote)
        }
        bytes.append(byte)
      }
      bytes.append(quote)
      return true
    }
    guard dialect.hasBackslashes else { return false }
    for byte in text {
      if isSpecial(byte) { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    return true
  }

  private func needsQuotes(_ text: [UInt8]) -> Bool {
    let hasBlanksAround = text.first == UInt8(ascii: " ") || text.last == UInt8(ascii: " ")
    return hasBlanksAround && dialect.quote != nil || text.contains(where: isSpecial)
  }

  private func isSpecial(_ byte: UInt8) -> Bool {
    byte == dialect.delimiter || byte == dialect.quote || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
      || dialect.hasBackslashes && byte == UInt8(ascii: "\\")
  }
}
