import Omnibus

/// Reads a flat file piece by piece: what comes is put into `buffer`, and taken out a record at a time.
struct FlatFileParser: ~Copyable {
  /// What comes next in the file.
  enum Step {
    /// A record, which was added to the builder as an object.
    case record
    /// A record that cannot be read, with its bytes, or the first of them where it is too long.
    case bad(Failure, source: [UInt8])
    /// More bytes are needed.
    case incomplete
    /// Nothing.
    case end
  }

  private enum Phase {
    case start, skippedRows(Int), header, records
    case restOfRecord(RecordSkipper)
  }

  /// The text that has not been read, in UTF-8.
  var buffer = RecordBuffer()
  /// What records are written to.
  var builder = JSONTextBuilder()
  /// Which record the last step was about, from 1.
  var number = 0
  /// The line that it starts in, from 1.
  var line = 1
  /// The type of the record that was read last; nil where the layout tells none apart.
  var typeName: String?
  var nextLine = 1
  private var phase = Phase.start
  /// How many bytes have to be there before it is worth looking at them.
  private var needed = 0
  let layout: Layout
  private let scanner: RecordScanner
  private let fixedScanner: FixedScanner
  var fields: FieldList
  /// Reads the records where all are of one type.
  private var converter: RecordConverter
  let plan: RecordPlan
  /// Read the lines of each type of records where there are several.
  let converters: ConverterList
  let typeMember: JSONName?
  /// How far the file has come in the types of records.
  var sequence: TypeSequence
  /// Whether rows belong to a record that was given up as too long.
  var isPassingGroup = false

  init(_ layout: Layout) {
    self.layout = layout
    scanner = RecordScanner(layout.dialect)
    fixedScanner = FixedScanner(layout.dialect)
    fields = FieldList(isFixedWidth: layout.dialect.isFixedWidth)
    converter = RecordConverter(Binding(positions: layout.columns), layout.dialect)
    plan = RecordPlan(layout)
    converters = ConverterList(plan.bindings, layout.dialect)
    typeMember = layout.typeMember.map(JSONName.init)
    sequence = TypeSequence(plan.top)
  }

  /// Reads the next record. Fails with kind `invalid` where the header does not fit the layout, or records are missing
  /// that have to be there.
  mutating func next() throws(Failure) -> Step {
    guard buffer.count >= needed || buffer.isComplete else { return .incomplete }
    let step = try reachRecords() ? (layout.isTyped ? typedRecord() : record()) : .incomplete
    guard case .incomplete = step else {
      needed = 0
      return step
    }
    // A record is read again from its start when more has come. So that small pieces of a long record do not make that
    // quadratic, its bytes have to double first.
    let most = Layout.recordLimit + (layout.isTyped ? Layout.groupLimit : 0) + 1
    needed = buffer.count < 4096 ? buffer.count + 1 : min(buffer.count * 2, most)
    return step
  }

  // MARK: what is no record

  /// Goes through the phases up to the next record; answers false where more bytes are needed.
  private mutating func reachRecords() throws(Failure) -> Bool {
    while true {
      switch phase {
      case .start:
        guard buffer.count >= 3 || buffer.isComplete else { return false }
        if buffer.bytes[0] == 0xEF, buffer.bytes[1] == 0xBB, buffer.bytes[2] == 0xBF { buffer.start = 3 }
        phase = .skippedRows(layout.dialect.skippedRows)
      case .skippedRows(0):
        phase = layout.dialect.hasHeader ? .header : .records
      case .skippedRows(let rows):
        guard try skipLine() else { return false }
        phase = .skippedRows(rows - 1)
      case .header:
        guard try header() else { return false }
        phase = .records
      case .restOfRecord(var skipper):
        let isOver = skipRest(&skipper)
        phase = isOver ? .records : .restOfRecord(skipper)
        guard isOver || buffer.isComplete else { return false }
        phase = .records
      case .records:
        return true
      }
    }
  }

  private mutating func skipLine() throws(Failure) -> Bool {
    guard let next = endOfLine(from: buffer.start) else {
      guard buffer.count <= Layout.recordLimit else {
        throw Failure(.invalid, "line \(nextLine) has more than \(Layout.recordLimit) bytes")
      }
      return false
    }
    buffer.start = next
    nextLine += 1
    return true
  }

  /// Passes over empty lines and comments; answers false where more bytes are needed to tell.
  mutating func reachRecord() -> Bool {
    var (place, line) = (buffer.start, nextLine)
    let isReached = reachRow(&place, &line)
    advance(to: place, lines: line - nextLine)
    return isReached
  }

  /// Moves a place and its line over empty lines and comments; answers false where more bytes are needed to tell.
  @inline(__always)
  func reachRow(_ place: inout Int, _ line: inout Int) -> Bool {
    guard layout.dialect.blockWidth == nil else { return place < buffer.end || buffer.isComplete }
    while place < buffer.end {
      let bytes = buffer.bytes + place
      if bytes[0] == UInt8(ascii: "\n") || bytes[0] == UInt8(ascii: "\r") || startsComment(place) {
        guard let next = endOfLine(from: place) else { return buffer.end - place > Layout.recordLimit }
        place = next
        line += 1
      } else if buffer.end - place < layout.dialect.comment.count, !buffer.isComplete {
        return false
      } else {
        return true
      }
    }
    return buffer.isComplete
  }

  @inline(__always)
  private func startsComment(_ place: Int) -> Bool {
    guard let first = layout.dialect.comment.first, buffer.bytes[place] == first else { return false }
    let count = min(buffer.end - place, layout.dialect.comment.count)
    return UnsafeBufferPointer(start: buffer.bytes + place, count: count).elementsEqual(layout.dialect.comment)
  }

  private func endOfLine(from place: Int) -> Int? {
    scanner.endOfLine(buffer.bytes, from: place, to: buffer.end, isComplete: buffer.isComplete)
  }

  // MARK: header

  private mutating func header() throws(Failure) -> Bool {
    guard reachRecord() else { return false }
    if buffer.count == 0 {
      // An empty file has no records, and only a layout that requires columns misses them.
      guard layout.columns.allSatisfy({ !$0.isRequired }) else { throw Failure(.invalid, "the file has no header") }
      return true
    }
    line = nextLine
    switch scan(from: buffer.start) {
    case .incomplete:
      guard buffer.count <= Layout.recordLimit else {
        throw Failure(.invalid, "the header has more than \(Layout.recordLimit) bytes")
      }
      return false
    case .bad(let problem, let offset, _):
      let (line, column) = place(of: offset)
      throw Failure(.invalid, "the header has \(problem.rawValue) at line \(line), column \(column)")
    case .record(let next):
      if let problem = textProblem(from: buffer.start, to: next) { throw Failure(.invalid, "the header \(problem)") }
      guard !fields.isOverfull else { throw Failure(.invalid, "the header has more than \(Layout.fieldLimit) fields") }
      var names: [String] = []
      for place in 0..<fields.count { names.append(converter.text(of: fields[place], in: buffer.bytes)) }
      converter = RecordConverter(try Binding(header: names, layout: layout), layout.dialect)
      advance(to: next, lines: lineCount(from: buffer.start, to: next))
      return true
    }
  }

  // MARK: records

  private mutating func record() -> Step {
    guard reachRecord() else { return .incomplete }
    if buffer.count == 0 { return .end }
    line = nextLine
    switch scan(from: buffer.start) {
    case .incomplete:
      guard buffer.count > Layout.recordLimit else { return .incomplete }
      number += 1
      return tooLong()
    case .bad(let problem, let offset, let next):
      number += 1
      let name = converter.declaredName(ofField: fields.count)
      return reject(brokenRule(problem, at: offset, in: name), to: next)
    case .record(let next):
      number += 1
      if let problem = rowProblem(from: buffer.start, to: next, extent: converter.extent) {
        return reject(failure(problem), to: next)
      }
      let mark = builder.mark
      builder.beginObject()
      let problems = converter.write(fields, of: buffer.bytes, into: &builder)
      builder.endObject()
      if !problems.isEmpty {
        builder.goBack(to: mark)
        return reject(wrongFields(problems), to: next)
      }
      advance(to: next, lines: fields.mayHoldLineBreaks ? lineCount(from: buffer.start, to: next) : 1)
      return .record
    }
  }

  @inline(__always)
  mutating func scan(from place: Int) -> RecordScanner.Outcome {
    layout.dialect.isFixedWidth
      ? fixedScanner.scan(buffer.bytes, from: place, to: buffer.end, isComplete: buffer.isComplete, fields: &fields)
      : scanner.scan(buffer.bytes, from: place, to: buffer.end, isComplete: buffer.isComplete, fields: &fields)
  }

  @inline(__always)
  mutating func advance(to next: Int, lines: Int) {
    buffer.start = next
    nextLine += lines
  }

  /// Passes over a bad record, and answers it with its bytes as they are in the file.
  mutating func reject(_ failure: Failure, to next: Int) -> Step {
    let source = source(to: next)
    advance(to: next, lines: lineCount(from: buffer.start, to: next))
    return .bad(failure, source: source)
  }

  mutating func tooLong() -> Step {
    let source = source(to: buffer.start + Layout.recordLimit)
    passRestOfRecord()
    return .bad(failure("has more than \(Layout.recordLimit) bytes"), source: source)
  }

  /// Has the bytes up to the end of the record dropped.
  mutating func passRestOfRecord() { phase = .restOfRecord(RecordSkipper(layout.dialect)) }

  func source(to next: Int) -> [UInt8] {
    let text = UnsafeBufferPointer(start: buffer.bytes + buffer.start, count: next - buffer.start)
    var bytes: [UInt8] = []
    TextEncoder(layout.encoding).encode(text, into: &bytes)
    return bytes
  }

  /// Drops bytes up to the end of the record that `skipper` is in; answers whether it was there. A carriage return waits
  /// for what comes behind it.
  private mutating func skipRest(_ skipper: inout RecordSkipper) -> Bool {
    let bytes = buffer.bytes
    while buffer.count > 0 {
      let byte = bytes[buffer.start]
      let isReturn = byte == UInt8(ascii: "\r")
      if isReturn, buffer.count == 1, !buffer.isComplete { return false }
      let isPair = isReturn && bytes[buffer.start + 1] == UInt8(ascii: "\n")
      var isOver = skipper.ends(with: byte)
      if isPair, !isOver { isOver = skipper.ends(with: UInt8(ascii: "\n")) }
      if isReturn || byte == UInt8(ascii: "\n") { nextLine += 1 }
      buffer.start += isPair ? 2 : 1
      if isOver { return true }
    }
    return false
  }
}
