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
  private let columns: UnsafeMutableBufferPointer<BoundColumn>
  private let names: UnsafeMutableBufferPointer<UInt8>
  private var scratch: [UInt8] = []

  init(_ binding: Binding, _ dialect: Dialect) {
    self.binding = binding
    self.dialect = dialect
    columns = .allocate(capacity: binding.columns.count)
    names = .allocate(capacity: binding.columns.reduce(16) { $0 + $1.name.bytes.count })
    names.initialize(repeating: 0)
    var start = 0
    for (place, bound) in binding.columns.enumerated() {
      let name = UnsafeMutableBufferPointer(rebasing: names[start..<start + bound.name.bytes.count])
      _ = name.update(from: bound.name.bytes)
      columns.initializeElement(at: place, to: BoundColumn(bound, name: UnsafeBufferPointer(name)))
      start += name.count
    }
  }

  deinit {
    columns.deallocate()
    names.deallocate()
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

  /// Writes the record as an object, and answers what is wrong with its fields, all of it. The bytes are UTF-8, and
  /// sixteen behind them can be read.
  mutating func write(
    _ fields: borrowing FieldList, of bytes: UnsafePointer<UInt8>, into builder: inout JSONTextBuilder
  ) -> [Problem] {
    var problems: [Problem] = []
    builder.beginObject()
    for place in columns.indices {
      let column = columns[place]
      let field = fields[column.field]
      let text = UnsafeBufferPointer(start: bytes + field.start, count: field.end &- field.start)
      let isPlainText =
        column.kind == .string ? !text.isEmpty : column.kind == .calendarDate && DateFormat.isCalendarDate(text)
      if isPlainText, field.isPlain {
        builder.plainMember(padded: column.name, hasEscapes: column.nameHasEscapes, text)
        continue
      }
      builder.name(padded: column.name, hasEscapes: column.nameHasEscapes)
      let isWritten =
        field.hasEscapes
        ? writeUnescaped(text, isQuoted: field.isQuoted, columnAt: place, into: &builder)
        : write(text, columnAt: place, into: &builder)
      if !isWritten { problems.append(problem(place, isEmpty: text.isEmpty)) }
    }
    builder.endObject()
    return problems
  }

  private func problem(_ place: Int, isEmpty: Bool) -> Problem {
    let (column, field) = (binding.columns[place].column, binding.columns[place].field)
    return Problem(
      field: field, name: column.name, detail: isEmpty ? "is required, and empty" : "is not \(column.expectation)")
  }

  private mutating func writeUnescaped(
    _ text: UnsafeBufferPointer<UInt8>, isQuoted: Bool, columnAt place: Int, into builder: inout JSONTextBuilder
  ) -> Bool {
    unescape(text, isQuoted: isQuoted)
    // Taken out meanwhile, so that it has one owner.
    let unescaped = scratch
    scratch = []
    defer { scratch = unescaped }
    return unescaped.withUnsafeBufferPointer { write($0, columnAt: place, into: &builder) }
  }

  @inline(__always)
  private mutating func write(
    _ text: UnsafeBufferPointer<UInt8>, columnAt place: Int, into builder: inout JSONTextBuilder
  ) -> Bool {
    if text.isEmpty {
      guard !columns[place].isRequired else { return false }
      if columns[place].kind == .string { builder.string(text) } else { builder.null() }
      return true
    }
    switch columns[place].kind {
    case .string:
      builder.string(text)
      return true
    case .integer: return writeNumber(text, allowsFraction: false, into: &builder)
    case .decimal: return writeNumber(text, allowsFraction: true, into: &builder)
    case .calendarDate:
      guard DateFormat.isCalendarDate(text) else { return false }
      builder.string(text)
      return true
    case .other: return writeOther(text, columnAt: place, into: &builder)
    }
  }

  private mutating func writeOther(
    _ text: UnsafeBufferPointer<UInt8>, columnAt place: Int, into builder: inout JSONTextBuilder
  ) -> Bool {
    switch binding.columns[place].column.content {
    case .boolean(let whenTrue, let whenFalse):
      let isTrue = Self.isOne(text, of: whenTrue)
      guard isTrue || Self.isOne(text, of: whenFalse) else { return false }
      builder.bool(isTrue)
    case .date(let format):
      scratch.removeAll(keepingCapacity: true)
      guard format.normalise(text, into: &scratch) else { return false }
      scratch.withUnsafeBufferPointer { builder.string($0) }
    case .string, .integer, .decimal: return false
    }
    return true
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
    for word in words where word.count == text.count {
      var place = 0
      while place < word.count, lowercased(word[place]) == lowercased(text[place]) { place += 1 }
      if place == word.count { return true }
    }
    return false
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
