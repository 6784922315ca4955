/// A record of several lines: its own, and those of the records below it.
struct RecordGroup: Sendable {
  /// A line of the file.
  struct Row: Sendable {
    let start: Int
    let next: Int
    let line: Int
  }

  /// One record of it.
  struct Node: Sendable {
    /// Its type, by its place in the plan.
    let type: Int
    /// The first of its rows; the others follow.
    let firstRow: Int
    /// The records below it.
    var below: [Int] = []
    /// How far it has come in the types below it.
    var sequence: TypeSequence
  }

  /// What is wrong with a row.
  struct Problem: Sendable {
    let line: Int
    let detail: String
    var place: String?
  }

  private(set) var rows: [Row] = []
  private(set) var nodes: [Node] = []
  private(set) var problems: [Problem] = []
  /// The records that the next row may belong to, the innermost last.
  private var open: [Int] = []
  /// How many more rows the last record takes.
  private(set) var rowsToCome = 0

  /// Takes in a problem.
  mutating func add(_ problem: Problem) { problems.append(problem) }

  /// Which converter reads the row that came last.
  func lastConverter(_ plan: borrowing RecordPlan) -> Int {
    let type = plan.types[nodes[nodes.count - 1].type]
    return type.firstConverter + type.lines - 1 - rowsToCome
  }

  /// Takes in a row that a record takes beside its first.
  mutating func append(_ row: Row) {
    rows.append(row)
    rowsToCome -= 1
  }

  /// Begins a record, which is below the innermost open one.
  mutating func begin(_ type: Int, at row: Row, _ plan: borrowing RecordPlan) {
    if let parent = open.last { nodes[parent].below.append(nodes.count) }
    let planned = plan.types[type]
    nodes.append(Node(type: type, firstRow: rows.count, sequence: TypeSequence(planned.below)))
    open.append(nodes.count - 1)
    rows.append(row)
    rowsToCome = planned.lines - 1
  }

  /// Takes in a row below one of the open records, the innermost that it can be of; answers false where it is of none.
  mutating func place(
    _ row: Row, _ fields: borrowing FieldList, in bytes: UnsafePointer<UInt8>, _ plan: borrowing RecordPlan
  ) -> Bool {
    var refusal: Problem?
    for depth in open.indices.reversed() {
      let sequence = nodes[open[depth]].sequence
      switch sequence.verdict(on: fields, in: bytes, plan) {
      case .record(let place, let missing):
        if let missing {
          let name = plan.types[sequence.type(at: missing)].name
          add(
            Problem(line: row.line, detail: "comes before a record of type \(name), which has to be there", place: name)
          )
        }
        nodes[open[depth]].sequence.take(place)
        open.removeLast(open.count - 1 - depth)
        begin(sequence.type(at: place), at: row, plan)
        return true
      case .tooMany(let place):
        let type = plan.types[sequence.type(at: place)]
        refusal =
          refusal
          ?? Problem(
            line: row.line, detail: "is one more of type \(type.name) than the \(type.occurs.upperBound) there may be",
            place: type.name)
      case .outOfOrder(let place):
        let name = plan.types[sequence.type(at: place)].name
        refusal = refusal ?? Problem(line: row.line, detail: "of type \(name) comes too late", place: name)
      case .unknown: break
      }
    }
    guard let refusal else { return false }
    add(refusal)
    return true
  }

  /// Notes what is missing when no more rows come.
  mutating func end(_ plan: borrowing RecordPlan) {
    for node in nodes {
      guard let missing = node.sequence.missing(plan) else { continue }
      let type = plan.types[node.sequence.type(at: missing)]
      add(
        Problem(
          line: rows[node.firstRow].line,
          detail: "has fewer than \(type.occurs.lowerBound) records of type \(type.name)", place: type.name))
    }
  }
}
