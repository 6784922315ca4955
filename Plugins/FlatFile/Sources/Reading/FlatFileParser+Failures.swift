import Omnibus

/// What is wrong with records, in words and places.
extension FlatFileParser {
  /// What is wrong with a row as a whole, whatever its fields are; nil for nothing.
  @inline(__always)
  func rowProblem(from start: Int, to next: Int, extent: Int) -> String? {
    if fields.isASCII, fields.extent == extent, next - start <= Layout.recordLimit { return nil }
    return rowProblemInDetail(from: start, to: next, extent: extent)
  }

  private func rowProblemInDetail(from start: Int, to next: Int, extent: Int) -> String? {
    if next - start > Layout.recordLimit { return "has more than \(Layout.recordLimit) bytes" }
    let found = fields.extent
    let isTolerable =
      found < extent ? layout.dialect.padsShortRecords : layout.dialect.ignoresRest && !fields.isOverfull
    if found != extent, !isTolerable {
      return "expected \(extent) \(layout.dialect.isFixedWidth ? "characters" : "fields"), found \(found)"
    }
    return textProblem(from: start, to: next)
  }

  /// Where bytes of the record stand for no character, in words; nil for nowhere.
  func textProblem(from start: Int, to next: Int) -> String? {
    let text = UnsafeBufferPointer(start: buffer.bytes + start, count: next - start)
    guard !fields.isASCII, let offset = UTF8Check.firstProblem(in: text) else { return nil }
    let name = layout.encoding == .utf8 ? "UTF-8" : layout.encoding.rawValue
    let (line, column) = place(of: start + offset)
    let atLine = layout.dialect.blockWidth == nil ? "line \(line), " : ""
    return "is not \(name), at \(atLine)column \(column)"
  }

  func brokenRule(_ problem: RecordScanner.Problem, at offset: Int, in name: String?) -> Failure {
    let (line, column) = place(of: offset)
    let words = name.map { " (\($0))" } ?? ""
    return failure(
      "has \(problem.rawValue), in field \(fields.count + 1)\(words) at line \(line), column \(column)",
      place: name ?? "field \(fields.count + 1)")
  }

  func wrongFields(_ problems: [RecordConverter.Problem]) -> Failure {
    let first = problems[0]
    let more = problems.count == 1 ? "" : "; \(problems.count - 1) more of its fields are wrong"
    let line = first.line.map { " of line \($0)" } ?? ""
    return Failure(
      .invalid, "\(recordName): column \(first.field + 1) (\(first.name))\(line) \(first.detail)\(more)",
      problems: problems.map { problem in
        Failure.Problem(problem.detail + (problem.line.map { ", at line \($0)" } ?? ""), place: problem.name)
      })
  }

  func wrongRows(_ problems: [RecordGroup.Problem]) -> Failure {
    let details = problems.map { problem in
      (problem.line == line ? "" : "line \(problem.line): ") + problem.detail
    }
    let more = problems.count == 1 ? "" : "; \(problems.count - 1) more of its problems"
    return Failure(
      .invalid, "\(recordName): \(details[0])\(more)",
      problems: zip(problems, details).map { Failure.Problem($1, place: $0.place) })
  }

  func failure(_ detail: String, place: String? = nil) -> Failure {
    Failure(.invalid, "\(recordName): \(detail)", problems: [Failure.Problem(detail, place: place)])
  }

  /// Which record it is, in words.
  var recordName: String { layout.dialect.blockWidth == nil ? "record \(number) at line \(line)" : "record \(number)" }

  /// Line and column of a byte of the record, from 1, the column in characters.
  func place(of offset: Int) -> (line: Int, column: Int) {
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

  /// How many lines end from `start` up to `next`: each line feed, and each carriage return that none follows.
  func lineCount(from start: Int, to next: Int) -> Int {
    let bytes = buffer.bytes
    var lines = 0
    for index in start..<next where bytes[index] <= UInt8(ascii: "\r") {
      if bytes[index] == UInt8(ascii: "\n") {
        lines += 1
      } else if bytes[index] == UInt8(ascii: "\r"), bytes[index + 1] != UInt8(ascii: "\n") {
        lines += 1
      }
    }
    return lines
  }
}
