import Omnibus

/// Which piece of a row each column is read from.
struct Binding: Sendable {
  /// A column with its place.
  struct Bound: Sendable {
    let column: Column
    let name: JSONName
    let slot: Slot

    init(_ column: Column, at slot: Slot) {
      self.column = column
      name = JSONName(column.name ?? "")
      self.slot = slot
    }
  }

  /// The columns in the order of the layout, else of the header; those that are passed over are left out.
  let columns: [Bound]
  /// How many fields a row has; in fixed width, how many characters.
  let extent: Int

  /// The columns of a layout for a row that no header is for.
  init(positions columns: [Column]) {
    self.columns = columns.filter { $0.name != nil || $0.constant != nil }.map { Bound($0, at: $0.slot) }
    extent = columns.map(\.slot.end).max() ?? 0
  }

  /// The columns of a layout, or all where it has none, for a header's fields. Columns that the layout does not name are
  /// passed over.
  init(header: [String], layout: Layout) throws(Failure) {
    extent = header.count
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
        bound.append(Bound(column, at: Slot(start: place)))
      } else if column.isRequired {
        problems.append(Failure.Problem("the header lacks the column", place: column.header))
      }
    }
    if problems.isEmpty, bound.isEmpty {
      problems.append(Failure.Problem("the header names none of the layout's columns"))
    }
    columns = bound.filter { $0.column.name != nil || $0.column.constant != nil }
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
      bound.append(Bound(Column(named: name), at: Slot(start: place)))
    }
    return bound
  }
}
