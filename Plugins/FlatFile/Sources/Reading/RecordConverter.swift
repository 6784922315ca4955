import Omnibus

/// Turns the fields of a row into the members of a JSON object.
struct RecordConverter: ~Copyable {
  /// What is wrong with a field.
  struct Problem {
    /// Which field, from 0; in fixed width, which character it starts at.
    var field: Int
    /// The name of its column, or words for one without.
    var name: String
    /// What was expected.
    var detail: String
    /// The line that the field is in, where that is not the first of the record.
    var line: Int?
  }

  private let binding: Binding
  private let dialect: Dialect
  private let columns: UnsafeMutableBufferPointer<BoundColumn>
  private let names: UnsafeMutableBufferPointer<UInt8>
  /// What stands in the fields of columns that are the same in every record.
  private let constants: [[UInt8]]
  private var scratch: [UInt8] = []

  init(_ binding: Binding, _ dialect: Dialect) {
    self.binding = binding
    self.dialect = dialect
    constants = binding.columns.map { bound in
      guard let text = bound.column.constant, dialect.isFixedWidth else { return bound.column.constant ?? [] }
      return bound.column.filled(text, width: bound.slot.width)
    }
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

  /// How many fields a row has; in fixed width, how many characters.
  var extent: Int { binding.extent }

  /// The name that the layout gives to the column of a field, for messages.
  func declaredName(ofField field: Int) -> String? {
    binding.columns.first { $0.slot.start == field && $0.column.isDeclared }?.column.name
  }

  /// The text of a field.
  mutating func text(of field: FieldList.Field, in bytes: UnsafePointer<UInt8>) -> String {
    let text = UnsafeBufferPointer(start: bytes + field.start, count: field.end - field.start)
    guard field.hasEscapes else { return String(decoding: text, as: UTF8.self) }
    unescape(text, isQuoted: field.isQuoted)
    return String(decoding: scratch, as: UTF8.self)
  }

  /// Writes the members of the object that has begun, and answers what is wrong with the fields, all of it. The bytes are
  /// UTF-8, and sixteen behind them can be read.
  mutating func write(
    _ fields: borrowing FieldList, of bytes: UnsafePointer<UInt8>, into builder: inout JSONTextBuilder
  ) -> [Problem] {
    var problems: [Problem] = []
    let isFixedWidth = dialect.isFixedWidth
    // Then every column has a field, and none needs a look at where the row ends.
    let isWhole = !isFixedWidth && fields.count == binding.extent
    for place in columns.indices {
      let column = columns[place]
      var field = isWhole ? fields[column.start] : fields.piece(start: column.start, width: column.width)
      if isFixedWidth, column.kind != .constant { field = column.trimmed(field, in: bytes) }
      let text = UnsafeBufferPointer(start: bytes + field.start, count: field.end &- field.start)
      let isPlainText =
        column.kind == .string ? !text.isEmpty : column.kind == .calendarDate && DateFormat.isCalendarDate(text)
      if isPlainText, field.isPlain {
        builder.plainMember(padded: column.name, hasEscapes: column.nameHasEscapes, text)
        continue
      }
      if column.kind == .constant {
        if !writeConstant(field, text, columnAt: place, into: &builder) {
          problems.append(problem(place, isEmpty: false))
        }
        continue
      }
      builder.name(padded: column.name, hasEscapes: column.nameHasEscapes)
      let isWritten =
        field.hasEscapes
        ? writeUnescaped(text, isQuoted: field.isQuoted, columnAt: place, into: &builder)
        : write(text, columnAt: place, into: &builder)
      if !isWritten { problems.append(problem(place, isEmpty: text.isEmpty)) }
    }
    return problems
  }

  private func problem(_ place: Int, isEmpty: Bool) -> Problem {
    let (column, field) = (binding.columns[place].column, binding.columns[place].slot.start)
    return Problem(
      field: field, name: column.name ?? "without a name",
      detail: isEmpty && column.isRequired ? "is required, and empty" : "is not \(column.expectation)")
  }

  /// Checks a field that is the same in every record, and writes it where it has a name.
  private mutating func writeConstant(
    _ field: FieldList.Field, _ text: UnsafeBufferPointer<UInt8>, columnAt place: Int,
    into builder: inout JSONTextBuilder
  ) -> Bool {
    let column = binding.columns[place].column
    guard let constant = column.constant else { return false }
    if field.hasEscapes {
      unescape(text, isQuoted: field.isQuoted)
      guard scratch == constants[place] else { return false }
    } else {
      guard text.elementsEqual(constants[place]) else { return false }
    }
    guard column.name != nil else { return true }
    builder.name(padded: columns[place].name, hasEscapes: columns[place].nameHasEscapes)
    return constant.withUnsafeBufferPointer {
      $0.isEmpty ? writeEmpty(columnAt: place, into: &builder) : writeOther($0, columnAt: place, into: &builder)
    }
  }

  private mutating func writeEmpty(columnAt place: Int, into builder: inout JSONTextBuilder) -> Bool {
    if columns[place].hasStandIn, let standIn = binding.columns[place].column.standIn, !standIn.isEmpty {
      return standIn.withUnsafeBufferPointer { writeOther($0, columnAt: place, into: &builder) }
    }
    guard !columns[place].isRequired else { return false }
    if binding.columns[place].column.isText {
      builder.string(UnsafeBufferPointer(start: nil, count: 0))
    } else {
      builder.null()
    }
    return true
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
    if text.isEmpty { return writeEmpty(columnAt: place, into: &builder) }
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
    case .other, .constant: return writeOther(text, columnAt: place, into: &builder)
    }
  }

  private mutating func writeOther(
    _ text: UnsafeBufferPointer<UInt8>, columnAt place: Int, into builder: inout JSONTextBuilder
  ) -> Bool {
    switch binding.columns[place].column.content {
    case .string: builder.string(text)
    case .integer(let format): return writeFormatted(text, format, allowsFraction: false, into: &builder)
    case .decimal(let format): return writeFormatted(text, format, allowsFraction: true, into: &builder)
    case .boolean(let whenTrue, let whenFalse):
      let isTrue = Self.isOne(text, of: whenTrue)
      guard isTrue || Self.isOne(text, of: whenFalse) else { return false }
      builder.bool(isTrue)
    case .date(let format):
      scratch.removeAll(keepingCapacity: true)
      guard format.normalise(text, into: &scratch) else { return false }
      scratch.withUnsafeBufferPointer { builder.string($0) }
    case .code(let table):
      guard var value = table.value(of: text) else { return false }
      value.withUTF8 { builder.string($0) }
    }
    return true
  }

  private mutating func writeFormatted(
    _ text: UnsafeBufferPointer<UInt8>, _ format: NumberFormat, allowsFraction: Bool,
    into builder: inout JSONTextBuilder
  ) -> Bool {
    if format.isPlain { return writeNumber(text, allowsFraction: allowsFraction, into: &builder) }
    scratch.removeAll(keepingCapacity: true)
    guard format.normalise(text, allowsFraction: allowsFraction, into: &scratch) else { return false }
    let isInteger = !scratch.contains(UInt8(ascii: "."))
    scratch.withUnsafeBufferPointer { builder.number($0, isInteger: isInteger) }
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
