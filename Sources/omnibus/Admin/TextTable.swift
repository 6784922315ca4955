/// A table for people: columns as wide as they need to be, two spaces apart.
struct TextTable {
  private var rows: [[String]]
  private let columns: Int

  /// A table with these headings.
  init(_ headings: [String]) {
    rows = [headings.map { $0.uppercased() }]
    columns = headings.count
  }

  /// Adds a row; a cell without a text is a dash.
  mutating func add(_ cells: [String]) { rows.append(cells.map { $0.isEmpty ? "-" : $0 }) }

  /// The text, a line a row.
  var text: String {
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        if column < columns - 1 { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
      }
      return line + "\n"
    }.joined()
  }
}
