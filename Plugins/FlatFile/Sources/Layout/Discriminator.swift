import OmnibusExpression

/// What tells a type of records apart: a piece of the record's first line, and what it has to be.
struct Discriminator: Sendable {
  /// What the piece has to be.
  enum Test: Sendable {
    case oneOf([[UInt8]])
    case pattern(TextPattern)
  }

  /// Where the piece stands; without a width it reaches to the end of the line.
  var slot: Slot
  /// How it is trimmed; nil for not at all.
  var padding: Padding?
  var test: Test

  /// The text that a record of the type has there, where it can be but one.
  var only: [UInt8]? { if case .oneOf(let words) = test, words.count == 1 { words[0] } else { nil } }

  /// Whether a row of a file is the first of a record of the type.
  func accepts(_ row: borrowing FieldList, in bytes: UnsafePointer<UInt8>) -> Bool {
    let piece = row.piece(slot)
    var (start, end) = (piece.start, piece.end)
    if let padding {
      while padding.trimsBack, end > start, bytes[end - 1] == padding.character { end -= 1 }
      while padding.trimsFront, start < end, bytes[start] == padding.character { start += 1 }
    }
    return accepts(UnsafeBufferPointer(start: bytes + start, count: end - start))
  }

  /// Whether the piece is what it has to be.
  func accepts(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    switch test {
    case .oneOf(let words): words.contains { $0.elementsEqual(text) }
    case .pattern(let pattern): pattern.matches(String(decoding: text, as: UTF8.self)) ?? false
    }
  }
}
