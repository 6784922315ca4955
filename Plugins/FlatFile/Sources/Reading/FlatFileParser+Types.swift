import Omnibus

/// Records of several types, and those that take several lines.
extension FlatFileParser {
  /// Reads the next record of a layout with types. Fails where a record is missing that has to be there.
  mutating func typedRecord() throws(Failure) -> Step {
    while true {
      guard reachRecord() else { return .incomplete }
      line = nextLine
      if buffer.count == 0 {
        try requireEnough()
        return .end
      }
      switch scan(from: buffer.start) {
      case .incomplete:
        guard buffer.count > Layout.recordLimit else { return .incomplete }
        number += 1
        return tooLong()
      case .bad(let problem, let offset, let next):
        number += 1
        return reject(brokenRule(problem, at: offset, in: nil), to: next)
      case .record(let next):
        if next - buffer.start > Layout.recordLimit {
          number += 1
          return reject(failure("has more than \(Layout.recordLimit) bytes"), to: next)
        }
        if let problem = textProblem(from: buffer.start, to: next) {
          number += 1
          return reject(failure(problem), to: next)
        }
        if let step = try typedRecord(to: next) { return step }
      }
    }
  }

  /// Reads the record that begins with the row that was scanned; nil where it belongs to one that was given up.
  private mutating func typedRecord(to next: Int) throws(Failure) -> Step? {
    switch sequence.verdict(on: fields, in: buffer.bytes, plan) {
    case .unknown where isPassingGroup:
      advance(to: next, lines: lineCount(from: buffer.start, to: next))
      return nil
    case .unknown:
      number += 1
      return reject(failure("is of none of the layout's types of records"), to: next)
    case .tooMany(let place):
      let type = plan.types[sequence.type(at: place)]
      return refuse("is one more of type \(type.name) than the \(type.occurs.upperBound) there may be", to: next)
    case .outOfOrder(let place):
      return refuse("is of type \(plan.types[sequence.type(at: place)].name), which comes too late", to: next)
    case .record(let place, let missing):
      if let missing {
        let name = plan.types[sequence.type(at: missing)].name
        throw Failure(.invalid, "line \(line) comes before a record of type \(name), which has to be there")
      }
      let type = sequence.type(at: place)
      return plan.types[type].isGroup ? group(at: place, to: next) : line(of: type, at: place, to: next)
    }
  }

  private mutating func refuse(_ problem: String, to next: Int) -> Step {
    number += 1
    isPassingGroup = false
    return reject(failure(problem), to: next)
  }

  private func requireEnough() throws(Failure) {
    guard let missing = sequence.missing(plan) else { return }
    let type = plan.types[sequence.type(at: missing)]
    throw Failure(
      .invalid,
      "the file ends with \(sequence.count(at: missing)) records of type \(type.name), "
        + "expected at least \(type.occurs.lowerBound)")
  }

  private mutating func begin(_ place: Int) {
    number += 1
    isPassingGroup = false
    sequence.take(place)
    typeName = plan.types[sequence.type(at: place)].name
  }

  // MARK: records of one line

  private mutating func line(of type: Int, at place: Int, to next: Int) -> Step {
    begin(place)
    let converter = converters[plan.types[type].firstConverter]
    if let problem = rowProblem(from: buffer.start, to: next, extent: converter.pointee.extent) {
      return reject(failure(problem), to: next)
    }
    let mark = builder.mark
    beginObject(type)
    let problems = converter.pointee.write(fields, of: buffer.bytes, into: &builder)
    builder.endObject()
    if !problems.isEmpty {
      builder.goBack(to: mark)
      return reject(wrongFields(problems), to: next)
    }
    advance(to: next, lines: fields.mayHoldLineBreaks ? lineCount(from: buffer.start, to: next) : 1)
    return .record
  }

  private mutating func beginObject(_ type: Int) {
    builder.beginObject()
    guard let typeMember else { return }
    builder.name(typeMember)
    var name = plan.types[type].name
    name.withUTF8 { builder.string($0) }
  }

  // MARK: records of several lines

  private mutating func group(at place: Int, to next: Int) -> Step {
    let type = sequence.type(at: place)
    var group = RecordGroup()
    let first = RecordGroup.Row(start: buffer.start, next: next, line: line)
    group.begin(type, at: first, plan)
    checkRow(first, &group)
    var end = next
    var endLine = line + lineCount(from: buffer.start, to: next)
    rows: while group.rowsToCome > 0 || !plan.types[type].below.types.isEmpty {
      var (start, startLine) = (end, endLine)
      // An empty line within a record is one of its lines, and so is what looks like a comment.
      let isReached =
        group.rowsToCome > 0 ? start < buffer.end || buffer.isComplete : reachRow(&start, &startLine)
      guard isReached else { return .incomplete }
      if start == buffer.end {
        if group.rowsToCome > 0 {
          group.add(RecordGroup.Problem(line: endLine - 1, detail: "\(group.rowsToCome) more lines have to follow"))
        }
        break
      }
      guard start - buffer.start <= Layout.groupLimit, group.rows.count < Layout.groupRowLimit else {
        return giveUp(place, at: start, line: startLine, isInRow: false)
      }
      switch scan(from: start) {
      case .incomplete:
        guard buffer.end - start > Layout.recordLimit else { return .incomplete }
        return giveUp(place, at: start, line: startLine, isInRow: true)
      // The same, whether all of it is there already or not.
      case .bad(_, _, let rowEnd) where rowEnd - start > Layout.recordLimit,
        .record(let rowEnd) where rowEnd - start > Layout.recordLimit:
        return giveUp(place, at: start, line: startLine, isInRow: true)
      case .bad(let problem, _, let rowEnd):
        group.add(RecordGroup.Problem(line: startLine, detail: "has \(problem.rawValue), in field \(fields.count + 1)"))
        if group.rowsToCome > 0 { group.append(RecordGroup.Row(start: start, next: rowEnd, line: startLine)) }
        end = rowEnd
      case .record(let rowEnd):
        guard takeRow(RecordGroup.Row(start: start, next: rowEnd, line: startLine), &group) else { break rows }
        end = rowEnd
      }
      endLine = startLine + lineCount(from: start, to: end)
    }
    group.end(plan)
    begin(place)
    guard group.problems.isEmpty else { return reject(wrongRows(group.problems), to: end) }
    let problems = write(group)
    if !problems.isEmpty { return reject(wrongFields(problems), to: end) }
    advance(to: end, lines: endLine - line)
    return .record
  }

  /// Takes in the row that was scanned; answers false where it begins another record of the file.
  private func takeRow(_ row: RecordGroup.Row, _ group: inout RecordGroup) -> Bool {
    if group.rowsToCome > 0 {
      group.append(row)
      checkRow(row, &group)
    } else if let problem = textProblem(from: row.start, to: row.next) {
      group.add(RecordGroup.Problem(line: row.line, detail: problem))
    } else if group.place(row, fields, in: buffer.bytes, plan) {
      checkRow(row, &group)
    } else if sequence.knows(fields, in: buffer.bytes, plan) {
      return false
    } else {
      group.add(RecordGroup.Problem(line: row.line, detail: "is of none of the layout's types of records"))
    }
    return true
  }

  private func checkRow(_ row: RecordGroup.Row, _ group: inout RecordGroup) {
    guard group.rows.last?.start == row.start else { return }
    let extent = converters[group.lastConverter(plan)].pointee.extent
    guard let problem = rowProblem(from: row.start, to: row.next, extent: extent) else { return }
    group.add(RecordGroup.Problem(line: row.line, detail: problem))
  }

  /// Answers a record that is longer than may be, and passes over what belongs to it, from the row at `start` on.
  private mutating func giveUp(_ place: Int, at start: Int, line startLine: Int, isInRow: Bool) -> Step {
    begin(place)
    isPassingGroup = true
    let source = source(to: min(start, buffer.start + Layout.recordLimit))
    advance(to: start, lines: startLine - nextLine)
    if isInRow { passRestOfRecord() }
    let problem =
      isInRow
      ? "line \(startLine) has more than \(Layout.recordLimit) bytes"
      : "has more than \(Layout.groupRowLimit) lines or \(Layout.groupLimit) bytes"
    return .bad(failure(problem), source: source)
  }

  // MARK: writing them

  /// Writes the record as an object that holds those below it, and answers what is wrong with its fields.
  private mutating func write(_ group: RecordGroup) -> [RecordConverter.Problem] {
    let mark = builder.mark
    var problems: [RecordConverter.Problem] = []
    beginObject(group.nodes[0].type)
    writeMembers(of: group.nodes[0], group, &problems)
    builder.endObject()
    if !problems.isEmpty { builder.goBack(to: mark) }
    return problems
  }

  private mutating func writeMembers(
    of node: RecordGroup.Node, _ group: RecordGroup, _ problems: inout [RecordConverter.Problem]
  ) {
    let type = plan.types[node.type]
    for place in 0..<type.lines {
      let row = group.rows[node.firstRow + place]
      _ = scan(from: row.start)
      var found = converters[type.firstConverter + place].pointee.write(fields, of: buffer.bytes, into: &builder)
      for problem in found.indices where row.line != line { found[problem].line = row.line }
      problems += found
    }
    for below in type.below.types {
      let nodes = node.below.filter { group.nodes[$0].type == below }
      builder.name(plan.types[below].member)
      if plan.types[below].isSingle {
        guard let only = nodes.first else {
          builder.null()
          continue
        }
        writeObject(of: group.nodes[only], group, &problems)
      } else {
        builder.beginArray()
        for node in nodes { writeObject(of: group.nodes[node], group, &problems) }
        builder.endArray()
      }
    }
  }

  private mutating func writeObject(
    of node: RecordGroup.Node, _ group: RecordGroup, _ problems: inout [RecordConverter.Problem]
  ) {
    builder.beginObject()
    writeMembers(of: node, group, &problems)
    builder.endObject()
  }
}
