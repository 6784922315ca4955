import Omnibus

extension SchemaProgram {
  /// Why the value at `root` of a text is not as the schema says; nil where it is. The failure names places and rules, and
  /// nothing that the text holds. Lines are told where `hasLines`: the text is what the sender wrote.
  func failure(of text: JSONText, root: Int, hasLines: Bool) -> Failure? {
    let result = check(text, root: root)
    if let excess = result.excess { return Failure(.invalid, Self.reason(of: excess)) }
    guard !result.problems.isEmpty else { return nil }
    let view = JSONTapeView(text)
    let violations = result.problems.map { Violation($0, of: self) }
    let lines = hasLines ? view.places(ofBytes: result.problems.map { view.offset($0.index) }) : []
    let problems = zip(result.problems, violations).enumerated().map { number, found in
      let (problem, violation) = found
      let line = hasLines ? ", at line \(lines[number].line), column \(lines[number].column)" : ""
      let pointer = JSONPointer(to: problem.index, in: view, from: root) { isKnown($0) }
      return Failure.Problem(
        "\(violation.expected) (\(violation.keyword), \(violation.place))\(line)",
        // For all of a document the pointer is empty, and that is no place to show.
        place: pointer.tokens.isEmpty ? "/" : pointer.text)
    }
    let count = problems.count == Validator.maximumProblems ? "\(problems.count) or more" : "\(problems.count)"
    let first = violations.first.map { "\($0.keyword) at \($0.place)" } ?? ""
    return Failure(
      .invalid,
      "the body is not as the schema says: \(count) \(problems.count == 1 ? "problem" : "problems"), first \(first)",
      problems: problems)
  }

  private static func reason(of excess: Validator.Excess) -> String {
    switch excess {
    case .work: "the body takes more work to check by the schema than one of its size may"
    case .depth: "the body leads schemas deeper into each other than they may go"
    case .pattern: "the body has a text that is too long for a pattern of the schema"
    }
  }
}

extension JSONTapeView {
  /// Lines and columns of bytes of the text, in one pass over it.
  fileprivate func places(ofBytes offsets: [Int]) -> [(line: Int, column: Int)] {
    var places = offsets.map { _ in (line: 1, column: 1) }
    var (line, column, offset) = (1, 1, 0)
    for number in offsets.indices.sorted(by: { offsets[$0] < offsets[$1] }) {
      while offset < offsets[number] {
        let byte = bytes[offset]
        if byte == UInt8(ascii: "\n") {
          (line, column) = (line + 1, 1)
        } else if byte & 0xC0 != 0x80 {
          column += 1
        }
        offset += 1
      }
      places[number] = (line, column)
    }
    return places
  }
}
