import Omnibus

/// Turns the fields of a record into a JSON object.
struct RecordConverter: ~Copyable {
  /// What is wrong with a field.
  struct Problem {
    /// Which field, from 0.
    var field: Int
    /// The name of its column.
    var name: String
    /// What was expected.
    var detail: String
  }

  private let binding: Binding
  private let dialect: Dialect
  private var scratch: [UInt8] = []

  init(_ binding: Binding, _ dialect: Dialect) {
    self.binding = binding
    self.dialect = dialect
  }

  /// How many fields a record has.
  var fieldCount: Int { binding.fieldCount }

  /// The name that the layout gives to the column of a field, for messages.
  func declaredName(ofField field: Int) -> String? {
    binding.columns.first { $0.field == field && $0.column.isDeclared }?.column.name
  }

  /// The text of a field.
  mutating func text(of field: FieldList.Field, in bytes: UnsafePointer<UInt8>) -> String {
    let text = UnsafeBufferPointer(start: bytes + field.start, count: field.end - field.start)
    guard field.hasEscapes else { return String(decoding: text, as: UTF8.self) }
    unescape(text, isQuoted: field.isQuoted)
    return String(decoding: scratch, as: UTF8.self)
  }

  /// Writes the record as an object, and answers what is wrong with its fields, all of it. The bytes are UTF-8.
  mutating func write(
    _ fields: borrowing FieldList, of bytes: UnsafePointer<UInt8>, into builder: inout JSONTextBuilder
  ) -> [Problem] {
    var problems: [Problem] = []
    builder.beginObject()
    binding.columns.withUnsafeBufferPointer { columns in
      for place in columns.indices {
        let field = fields[columns[place].field]
        builder.name(columns[place].name)
        if !write(field, of: bytes, as: columns[place].column, into: &builder) {
          problems.append(problem(columns[place], isEmpty: field.start == field.end))
        }
      }
    }
    builder.endObject()
    return problems
  }

  private func problem(_ bound: Binding.Bound, isEmpty: Bool) -> Problem {
    Problem(
      field: bound.field, name: bound.column.name,
      detail: isEmpty ? "is required, and empty" : "is not \(bound.column.expectation)")
  }

  @inline(__always)
  private mutating func write(
    _ field: FieldList.Field, of bytes: UnsafePointer<UInt8>, as column: borrowing Column,
    into builder: inout JSONTextBuilder
  ) -> Bool {
    let text = UnsafeBufferPointer(start: bytes + field.start, count: field.end &- field.start)
    if field.hasEscapes {
      unescape(text, isQuoted: field.isQuoted)
      let unescaped = scratch
      scratch = []
      defer {
        scratch = unescaped
        scratch.removeAll(keepingCapacity: true)
      }
      return unescaped.withUnsafeBufferPointer { write($0, as: column, isPadded: false, into: &builder) }
    }
    return write(text, as: column, isPadded: true, into: &builder)
  }

  @inline(__always)
  private mutating func write(
    _ text: UnsafeBufferPointer<UInt8>, as column: borrowing Column, isPadded: Bool,
    into builder: inout JSONTextBuilder
  ) -> Bool {
    if text.isEmpty {
      guard !column.isRequired else { return false }
      if case .string = column.content { builder.string(text) } else { builder.null() }
      return true
    }
    switch column.content {
    case .string:
      builder.string(text, isPadded: isPadded)
      return true
    case .integer: return writeNumber(text, allowsFraction: false, into: &builder)
    case .decimal: return writeNumber(text, allowsFraction: true, into: &builder)
    case .boolean(let whenTrue, let whenFalse):
      guard let value = Self.isOne(text, of: whenTrue) ? true : Self.isOne(text, of: whenFalse) ? false : nil else {
        return false
      }
      builder.bool(value)
      return true
    case .date(let format):
      scratch.removeAll(keepingCapacity: true)
      guard format.normalise(text, into: &scratch) else { return false }
      scratch.withUnsafeBufferPointer { builder.string($0) }
      return true
    }
  }

  /// Drops what JSON's numbers may not have: a plus and leading zeros. Digits stay as they are.
  private mutating func writeNumber(
    _ text: UnsafeBufferPointer<UInt8>, allowsFraction: Bool, into builder: inout JSONTextBuilder
  ) -> Bool {
    var place = 0
    let hasSign = text[0] == UInt8(ascii: "-") || text[0] == UInt8(ascii: "+")
    if hasSign { place = 1 }
    let whole = place
    while place < text.count, text[place] &- UInt8(ascii: "0") < 10 { place &+= 1 }
    let fraction = place
    if allowsFraction, place < text.count, text[place] == UInt8(ascii: ".") {
      place &+= 1
      while place < text.count, text[place] &- UInt8(ascii: "0") < 10 { place &+= 1 }
      guard place > fraction + 1 else { return false }
    }
    guard place == text.count, place > whole else { return false }
    let isInteger = fraction == place
    let hasLeadingZero = fraction - whole > 1 && text[whole] == UInt8(ascii: "0")
    if text[0] != UInt8(ascii: "+"), !hasLeadingZero, fraction > whole {
      builder.number(text, isInteger: isInteger)
      return true
    }
    scratch.removeAll(keepingCapacity: true)
    if text[0] == UInt8(ascii: "-") { scratch.append(UInt8(ascii: "-")) }
    var start = whole
    while start + 1 < fraction, text[start] == UInt8(ascii: "0") { start += 1 }
    if fraction == whole { scratch.append(UInt8(ascii: "0")) }
    scratch.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
    scratch.withUnsafeBufferPointer { builder.number($0, isInteger: isInteger) }
    return true
  }

  private static func isOne(_ text: UnsafeBufferPointer<UInt8>, of words: [[UInt8]]) -> Bool {
    words.contains { word in
      word.count == text.count && zip(word, text).allSatisfy { lowercased($0) == lowercased($1) }
    }
  }

  private static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  /// Puts a field into the scratch without doubled quotes, and without the backslashes that stand before characters.
  private mutating func unescape(_ text: UnsafeBufferPointer<UInt8>, isQuoted: Bool) {
    scratch.removeAll(keepingCapacity: true)
    var place = 0
    while place < text.count {
      let byte = text[place]
      let isEscape = dialect.hasBackslashes && byte == UInt8(ascii: "\\") || isQuoted && byte == dialect.quote
      if isEscape, place + 1 < text.count { place += 1 }
      scratch.append(text[place])
      place += 1
    }
  }
}
