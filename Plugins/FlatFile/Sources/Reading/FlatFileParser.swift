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

  /// The bytes that have not been read.
  var buffer = RecordBuffer()
  /// What records are written to.
  var builder = JSONTextBuilder()
  /// Which record the last step was about, from 1.
  private(set) var number = 0
  /// The line that it starts in, from 1.
  private(set) var line = 1
  private var nextLine = 1
  private var phase = Phase.start
  /// How many bytes have to be there before it is worth looking at them.
  private var needed = 0
  private let layout: Layout
  private let scanner: RecordScanner
  private var fields = FieldList()
  private var converter: RecordConverter

  init(_ layout: Layout) {
    self.layout = layout
    scanner = RecordScanner(layout.dialect)
    converter = RecordConverter(Binding(positions: layout.columns), layout.dialect)
  }

  /// Reads the next record. Fails with kind `invalid` where the header does not fit the layout.
  mutating func next() throws(Failure) -> Step {
    guard buffer.count >= needed || buffer.isComplete else { return .incomplete }
    let step = try reachRecords() ? record() : .incomplete
    guard case .incomplete = step else {
      needed = 0
      return step
    }
    // A record is read again from its start when more has come. So that small pieces of a long record do not make that
    // quadratic, its bytes have to double first.
    needed = buffer.count < 4096 ? buffer.count + 1 : min(buffer.count * 2, Layout.recordLimit + 1)
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
    guard let next = endOfLine() else {
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
  private mutating func reachRecord() -> Bool {
    while buffer.count > 0 {
      let bytes = buffer.bytes + buffer.start
      if bytes[0] == UInt8(ascii: "\n") || bytes[0] == UInt8(ascii: "\r") || startsComment(bytes) {
        guard let next = endOfLine() else { return buffer.count > Layout.recordLimit }
        buffer.start = next
        nextLine += 1
      } else if buffer.count < layout.dialect.comment.count, !buffer.isComplete {
        return false
      } else {
        return true
      }
    }
    return buffer.isComplete
  }

  @inline(__always)
  private func startsComment(_ bytes: UnsafePointer<UInt8>) -> Bool {
    guard let first = layout.dialect.comment.first, bytes[0] == first else { return false }
    let prefix = UnsafeBufferPointer(start: bytes, count: min(buffer.count, layout.dialect.comment.count))
    return prefix.elementsEqual(layout.dialect.comment)
  }

  private func endOfLine() -> Int? {
    scanner.endOfLine(buffer.bytes, from: buffer.start, to: buffer.end, isComplete: buffer.isComplete)
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
    switch scan() {
    case .incomplete:
      guard buffer.count <= Layout.recordLimit else {
        throw Failure(.invalid, "the header has more than \(Layout.recordLimit) bytes")
      }
      return false
    case .bad(let problem, let offset, _):
      let (line, column) = place(of: offset)
      throw Failure(.invalid, "the header has \(problem.rawValue) at line \(line), column \(column)")
    case .record(let next):
      guard isUTF8(to: next) else { throw Failure(.invalid, "the header is not UTF-8") }
      guard !fields.isOverfull else { throw Failure(.invalid, "the header has more than \(Layout.fieldLimit) fields") }
      var names: [String] = []
      for place in 0..<fields.count { names.append(converter.text(of: fields[place], in: buffer.bytes)) }
      converter = RecordConverter(try Binding(header: names, layout: layout), layout.dialect)
      advance(to: next, lines: lineCount(to: next))
      return true
    }
  }

  // MARK: records

  private mutating func record() -> Step {
    guard reachRecord() else { return .incomplete }
    if buffer.count == 0 { return .end }
    line = nextLine
    switch scan() {
    case .incomplete:
      guard buffer.count > Layout.recordLimit else { return .incomplete }
      number += 1
      return tooLong()
    case .bad(let problem, let offset, let next):
      number += 1
      return reject(brokenRule(problem, at: offset), to: next)
    case .record(let next):
      number += 1
      if let failure = wrongShape(to: next) { return reject(failure, to: next) }
      let mark = builder.mark
      let problems = converter.write(fields, of: buffer.bytes, into: &builder)
      if !problems.isEmpty {
        builder.goBack(to: mark)
        return reject(wrongFields(problems), to: next)
      }
      advance(to: next, lines: fields.mayHoldLineBreaks ? lineCount(to: next) : 1)
      return .record
    }
  }

  private mutating func scan() -> RecordScanner.Outcome {
    scanner.scan(
      buffer.bytes, from: buffer.start, to: buffer.end, isComplete: buffer.isComplete, fields: &fields)
  }

  @inline(__always)
  private mutating func advance(to next: Int, lines: Int) {
    buffer.start = next
    nextLine += lines
  }

  private mutating func reject(_ failure: Failure, to next: Int) -> Step {
    let source = buffer.copy(from: buffer.start, to: next)
    advance(to: next, lines: lineCount(to: next))
    return .bad(failure, source: source)
  }

  private mutating func tooLong() -> Step {
    let source = buffer.copy(from: buffer.start, to: buffer.start + Layout.recordLimit)
    phase = .restOfRecord(RecordSkipper(layout.dialect))
    return .bad(failure("has more than \(Layout.recordLimit) bytes"), source: source)
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

  // MARK: what is wrong

  private func isUTF8(to next: Int) -> Bool {
    let text = UnsafeBufferPointer(start: buffer.bytes + buffer.start, count: next - buffer.start)
    return UTF8Check.firstProblem(in: text) == nil
  }

  @inline(__always)
  private func wrongShape(to next: Int) -> Failure? {
    if fields.isASCII, fields.count == converter.fieldCount, next - buffer.start <= Layout.recordLimit { return nil }
    return wrongShapeInDetail(to: next)
  }

  private func wrongShapeInDetail(to next: Int) -> Failure? {
    if next - buffer.start > Layout.recordLimit { return failure("has more than \(Layout.recordLimit) bytes") }
    if fields.count != converter.fieldCount {
      return failure("expected \(converter.fieldCount) fields, found \(fields.count)")
    }
    return isUTF8(to: next) ? nil : failure("is not UTF-8")
  }

  private func brokenRule(_ problem: RecordScanner.Problem, at offset: Int) -> Failure {
    let (line, column) = place(of: offset)
    let name = converter.declaredName(ofField: fields.count).map { " (\($0))" } ?? ""
    return failure(
      "has \(problem.rawValue), in field \(fields.count + 1)\(name) at line \(line), column \(column)",
      place: converter.declaredName(ofField: fields.count) ?? "field \(fields.count + 1)")
  }

  private func wrongFields(_ problems: [RecordConverter.Problem]) -> Failure {
    let first = problems[0]
    let more = problems.count == 1 ? "" : "; \(problems.count - 1) more of its fields are wrong"
    return Failure(
      .invalid, "record \(number) at line \(line): column \(first.field + 1) (\(first.name)) \(first.detail)\(more)",
      problems: problems.map { Failure.Problem($0.detail, place: $0.name) })
  }

  private func failure(_ detail: String, place: String? = nil) -> Failure {
    Failure(
      .invalid, "record \(number) at line \(line): \(detail)", problems: [Failure.Problem(detail, place: place)])
  }

  /// Line and column of a byte of the record, from 1, the column in characters.
  private func place(of offset: Int) -> (line: Int, column: Int) {
    var place = (line: line, column: 1)
    for index in buffer.start..<offset {
      let byte = buffer.bytes[index]
      let isPair = byte == UInt8(ascii: "\r") && buffer.bytes[index + 1] == UInt8(ascii: "\n")
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") && !isPair {
        place = (place.line + 1, 1)
      } else if byte & 0xC0 != 0x80 {
        place.column += 1
      }
    }
    return place
  }

  /// How many lines end up to `next`: each line feed, and each carriage return that none follows.
  private func lineCount(to next: Int) -> Int {
    let bytes = buffer.bytes
    var lines = 0
    for index in buffer.start..<next where bytes[index] <= UInt8(ascii: "\r") {
      if bytes[index] == UInt8(ascii: "\n") {
        lines += 1
      } else if bytes[index] == UInt8(ascii: "\r"), bytes[index + 1] != UInt8(ascii: "\n") {
        lines += 1
      }
    }
    return lines
  }
}
