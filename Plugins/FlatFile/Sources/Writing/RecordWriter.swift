import Omnibus

/// Writes records by a layout, each with those below it, as UTF-8.
struct RecordWriter {
  private let lines: LineWriter
  private let lineEnding: [UInt8]

  init(_ layout: Layout, lineEnding: [UInt8]) {
    lines = LineWriter(layout)
    self.lineEnding = lineEnding
  }

  /// Writes the record that names the columns.
  func writeHeader(_ columns: [Column], into bytes: inout [UInt8]) throws(Failure) {
    try lines.writeHeader(columns, into: &bytes)
    bytes.append(contentsOf: lineEnding)
  }

  /// Writes one record; an absent member or null is an empty field.
  func write(_ record: Value, as type: RecordType, number: Int, into bytes: inout [UInt8]) throws(Failure) {
    var line = 1
    try write(record, as: type, number: number, line: &line, into: &bytes)
  }

  private func write(
    _ record: Value, as type: RecordType, number: Int, line: inout Int, into bytes: inout [UInt8]
  ) throws(Failure) {
    guard record.isMap else {
      let name = type.name.isEmpty ? "" : " of type \(type.name)"
      throw Failure(
        .invalid, "record \(number)\(name) is \(record.kindName), expected a map of column names to values")
    }
    for place in 0..<type.lines {
      do throws(LineWriter.Problem) {
        let columns = type.lines == 1 ? type.columns : type.columns(ofLine: place)
        try lines.write(
          record, columns, place == 0 ? type.discriminator : nil, isFirst: place == 0, into: &bytes)
      } catch {
        throw failure(error, number: number, line: line)
      }
      bytes.append(contentsOf: lineEnding)
      line += 1
    }
    for below in type.children {
      let records = try records(below, in: record, number: number)
      for record in records { try write(record, as: below, number: number, line: &line, into: &bytes) }
    }
  }

  /// The records of a type below a record.
  private func records(_ type: RecordType, in record: Value, number: Int) throws(Failure) -> [Value] {
    let value = record.member(type.name)?.resolved ?? .null
    let found: [Value]
    if case .null = value {
      found = []
    } else if type.isSingle {
      found = [value]
    } else if let elements = value.elements {
      found = elements
    } else {
      throw Failure(.invalid, "record \(number): \(type.name) is \(value.kindName), expected a list of records")
    }
    guard type.occurs.contains(found.count) else {
      let detail =
        found.count < type.occurs.lowerBound
        ? "has fewer than \(type.occurs.lowerBound) records of type \(type.name)"
        : "has more than \(type.occurs.upperBound) records of type \(type.name)"
      throw Failure(.invalid, "record \(number): \(detail)", problems: [Failure.Problem(detail, place: type.name)])
    }
    return found
  }

  private func failure(_ problem: LineWriter.Problem, number: Int, line: Int) -> Failure {
    // The name of a column that the layout does not declare comes from the message.
    let name = problem.column.flatMap { $0.isDeclared ? $0.name : nil }
    let words = name.map { " (\($0))" } ?? ""
    let ofLine = line > 1 ? " of line \(line)" : ""
    return Failure(
      .invalid, "record \(number): column \(problem.number)\(words)\(ofLine) \(problem.detail)",
      problems: [Failure.Problem(problem.detail, place: name ?? "column \(problem.number)")])
  }
}
