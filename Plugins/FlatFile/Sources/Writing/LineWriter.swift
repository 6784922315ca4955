import Omnibus

/// Writes the lines of records by a layout, as UTF-8.
struct LineWriter {
  private let dialect: Dialect
  private let encoder: TextEncoder

  init(_ layout: Layout) {
    dialect = layout.dialect
    encoder = TextEncoder(layout.encoding)
  }

  /// What is wrong with a field.
  struct Problem: Error {
    /// The column; nil for a piece that no column has.
    var column: Column?
    /// Which it is: in fixed width the first character, otherwise the field; from 1.
    var number: Int
    var detail: String
  }

  /// A field, or a piece of a line in fixed width.
  private struct Piece {
    var slot: Slot
    var text: [UInt8]
    var column: Column?
  }

  /// Appends the line that holds `columns` of a record, without what ends it. `isFirst` is whether the record begins with
  /// it. `discriminator` is what the line will be told apart by; what it has to be stands where nothing else does.
  func write(
    _ record: Value, _ columns: [Column], _ discriminator: Discriminator?, isFirst: Bool, into line: inout [UInt8]
  ) throws(Problem) {
    var pieces: [Piece] = []
    pieces.reserveCapacity(columns.count)
    for (place, column) in columns.enumerated() where !column.isOverlay {
      let slot = dialect.hasHeader ? Slot(start: place) : column.slot
      let text = try text(of: record, column, at: slot, discriminator)
      pieces.append(Piece(slot: slot, text: text, column: column))
    }
    if let discriminator, let only = discriminator.only {
      let isFree = pieces.allSatisfy {
        $0.slot.end <= discriminator.slot.start || $0.slot.start >= discriminator.slot.end
      }
      if isFree { pieces.append(Piece(slot: discriminator.slot, text: only)) }
    }
    if !dialect.hasHeader { pieces.sort { $0.slot.start < $1.slot.start } }
    let start = line.count
    if dialect.isFixedWidth {
      appendFixed(pieces, to: &line)
      if isFirst { try refuseComment(line[start...], pieces) }
    } else {
      try append(pieces, isFirst: isFirst, to: &line)
    }
    guard let discriminator else { return }
    let piece =
      dialect.isFixedWidth
      ? Self.characters(discriminator, of: line[start...])
      : pieces.first { $0.slot.start == discriminator.slot.start }?.text ?? []
    guard piece.withUnsafeBufferPointer({ discriminator.accepts($0) }) else {
      throw Problem(
        column: pieces.first { $0.slot == discriminator.slot }?.column, number: discriminator.slot.start + 1,
        detail: "is not what tells records of the type apart")
    }
  }

  private func text(
    of record: Value, _ column: Column, at slot: Slot, _ discriminator: Discriminator?
  ) throws(Problem) -> [UInt8] {
    let value = column.name.flatMap { record.member($0)?.resolved } ?? .null
    guard var text = column.text(of: value, isFixed: dialect.isFixedWidth) else {
      throw Problem(column: column, number: slot.start + 1, detail: "is not \(column.expectation)")
    }
    if text.isEmpty, let discriminator, discriminator.slot == slot, let only = discriminator.only { text = only }
    func refuse(_ detail: String) -> Problem { Problem(column: column, number: slot.start + 1, detail: detail) }
    if text.isEmpty, column.isRequired { throw refuse("is required, and empty") }
    if text.withUnsafeBufferPointer({ encoder.firstUnmappable(in: $0) }) != nil {
      throw refuse("has a character that the encoding does not have")
    }
    guard dialect.isFixedWidth else { return text }
    guard Self.count(text) <= slot.width else { throw refuse("has more than \(slot.width) characters") }
    if dialect.blockWidth == nil, text.contains(where: Self.isLineBreak) { throw refuse("has a line break") }
    guard column.keeps(text) else { throw refuse("begins or ends with the character that fills the column up") }
    return text
  }

  // MARK: comments

  /// Whether a record that begins with `line` would be passed over when it is read.
  private func isComment(_ line: ArraySlice<UInt8>) -> Bool {
    !dialect.comment.isEmpty && line.starts(with: dialect.comment)
  }

  private func refuseComment(_ line: ArraySlice<UInt8>, _ pieces: [Piece]) throws(Problem) {
    guard isComment(line) else { return }
    throw Problem(column: pieces.first { $0.slot.start == 0 }?.column, number: 1, detail: "begins as comments do")
  }

  // MARK: fixed width

  private func appendFixed(_ pieces: [Piece], to line: inout [UInt8]) {
    var place = 0
    for piece in pieces {
      line.append(contentsOf: repeatElement(UInt8(ascii: " "), count: max(0, piece.slot.start - place)))
      let width = piece.slot.width
      line.append(contentsOf: piece.column?.filled(piece.text, width: width) ?? piece.text)
      place = piece.slot.start + (piece.column == nil ? Self.count(piece.text) : width)
    }
  }

  /// The text that a line is told apart by, without what fills it up.
  private static func characters(_ discriminator: Discriminator, of line: ArraySlice<UInt8>) -> [UInt8] {
    let scalars = String(decoding: line, as: UTF8.self).unicodeScalars
    let piece = scalars.dropFirst(discriminator.slot.start).prefix(discriminator.slot.width)
    var bytes = Array(String(String.UnicodeScalarView(piece)).utf8)[...]
    guard let padding = discriminator.padding else { return Array(bytes) }
    while padding.trimsBack, bytes.last == padding.character { bytes.removeLast() }
    while padding.trimsFront, bytes.first == padding.character { bytes.removeFirst() }
    return Array(bytes)
  }

  private static func count(_ text: [UInt8]) -> Int { text.count { $0 & 0xC0 != 0x80 } }

  private static func isLineBreak(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") }

  // MARK: delimited

  private func append(_ pieces: [Piece], isFirst: Bool, to line: inout [UInt8]) throws(Problem) {
    let start = line.count
    try appendFields(pieces, to: &line)
    // A line with nothing in it would be no record.
    if line.count == start, let quote = dialect.quote { line += [quote, quote] }
    if isFirst, line.count == start {
      throw Problem(column: pieces.first?.column, number: 1, detail: "cannot be written without quotes")
    }
    guard isFirst, isComment(line[start...]) else { return }
    line.removeSubrange(start...)
    try appendFields(pieces, quotesFirst: true, to: &line)
    try refuseComment(line[start...], pieces)
  }

  private func appendFields(
    _ pieces: [Piece], quotesFirst: Bool = false, to line: inout [UInt8]
  ) throws(Problem) {
    var place = 0
    for piece in pieces {
      let delimiters = piece.slot.start - place
      line.append(contentsOf: repeatElement(dialect.delimiter, count: max(0, delimiters)))
      place = piece.slot.start
      guard append(piece.text, isForced: quotesFirst && place == 0, to: &line) else {
        throw Problem(column: piece.column, number: place + 1, detail: "cannot be written without quotes")
      }
    }
  }

  /// Appends the line that names the columns.
  func writeHeader(_ columns: [Column], into line: inout [UInt8]) throws(Failure) {
    let pieces = columns.enumerated().map { place, column in
      Piece(slot: Slot(start: place), text: Array(column.header.utf8))
    }
    for (place, piece) in pieces.enumerated()
    where piece.text.withUnsafeBufferPointer({ encoder.firstUnmappable(in: $0) }) != nil {
      throw Failure(.invalid, "the header of column \(place + 1) has a character that the encoding does not have")
    }
    do throws(Problem) {
      try append(pieces, isFirst: true, to: &line)
    } catch {
      throw Failure(.invalid, "the header of column \(error.number) \(error.detail)")
    }
  }

  /// Appends a field, in quotes where it holds what means something or `isForced`; answers false where it holds that and
  /// there are none to write.
  private func append(_ text: [UInt8], isForced: Bool, to bytes: inout [UInt8]) -> Bool {
    guard isForced || needsQuotes(text) else {
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
    guard dialect.hasBackslashes else {
      bytes.append(contentsOf: text)
      return !needsQuotes(text)
    }
    for (place, byte) in text.enumerated() {
      if isSpecial(byte) || isForced && place == 0 { bytes.append(UInt8(ascii: "\\")) }
      bytes.append(byte)
    }
    return true
  }

  private func needsQuotes(_ text: [UInt8]) -> Bool {
    let hasBlanksAround = text.first == UInt8(ascii: " ") || text.last == UInt8(ascii: " ")
    return hasBlanksAround && dialect.quote != nil || text.contains(where: isSpecial)
  }

  private func isSpecial(_ byte: UInt8) -> Bool {
    byte == dialect.delimiter || byte == dialect.quote || Self.isLineBreak(byte)
      || dialect.hasBackslashes && byte == UInt8(ascii: "\\")
  }
}
