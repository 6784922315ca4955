import Omnibus

/// Which field of a record each column is read from.
struct Binding: Sendable {
  /// A column with its field.
  struct Bound: Sendable {
    let column: Column
    let name: JSONName
    let field: Int
  }

  /// The columns in the order of the layout, else of the header.
  let columns: [Bound]
  /// How many fields a record has.
  let fieldCount: Int

  /// The columns of a layout for a file without a header.
  init(positions columns: [Column]) {
    self.columns = columns.enumerated().map { Bound(column: $1, name: JSONName($1.name), field: $0) }
    fieldCount = columns.count
  }

  /// The columns of a layout, or all where it has none, for a header's fields. Columns that the layout does not name are
  /// passed over.
  init(header: [String], layout: Layout) throws(Failure) {
    fieldCount = header.count
    if layout.columns.isEmpty {
      columns = try Self.all(header)
      return
    }
    var bound: [Bound] = []
    var problems: [Failure.Problem] = []
    for column in layout.columns {
      let places = header.indices.filter { header[$0] == column.header }
      if places.count > 1 {
        problems.append(Failure.Problem("the header names the column twice", place: column.header))
      } else if let place = places.first {
        bound.append(Bound(column: column, name: JSONName(column.name), field: place))
      } else if column.isRequired {
        problems.append(Failure.Problem("the header lacks the column", place: column.header))
      }
    }
    if problems.isEmpty, bound.isEmpty {
      problems.append(Failure.Problem("the header names none of the layout's columns"))
    }
    columns = bound
    if let first = problems.first {
      let place = first.place.map { " \"\($0)\"" } ?? ""
      let more = problems.count == 1 ? "" : ", and \(problems.count - 1) more problems"
      throw Failure(.invalid, "\(first.detail)\(place)\(more)", problems: problems)
    }
  }

  private static func all(_ header: [String]) throws(Failure) -> [Bound] {
    var seen: Set<String> = []
    var bound: [Bound] = []
    for (place, name) in header.enumerated() {
      guard !name.isEmpty else { throw Failure(.invalid, "the header has no name for column \(place + 1)") }
      guard seen.insert(name).inserted else {
        throw Failure(.invalid, "the header has a name for column \(place + 1) that an earlier column has")
      }
      let column = Column(name: name, header: name, content: .string, isRequired: false, isDeclared: false)
      bound.append(Bound(column: column, name: JSONName(name), field: place))
    }
    return bound
  }
}
