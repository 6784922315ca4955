/// One of the types of records that a file has.
struct RecordType: Sendable {
  /// The name that routes know it by.
  var name: String
  /// The columns of all its lines.
  var columns: [Column]
  /// What tells it apart; nil where any record is one of it.
  var discriminator: Discriminator?
  /// How many lines a record takes.
  var lines = 1
  /// How many there may be: in the file, or below one record of the type above.
  var occurs = 0...Int.max
  /// The types of the records below it, which come behind it and belong to it.
  var children: [RecordType] = []
  /// Whether those come in the order in which the layout lists them.
  var isOrdered = true

  init(name: String, columns: [Column]) {
    self.name = name
    self.columns = columns
  }

  /// Whether there is at most one below the record above, which then has it as an object instead of a list.
  var isSingle: Bool { occurs.upperBound == 1 }

  /// The columns of a line, from 0, in the order of the layout.
  func columns(ofLine line: Int) -> [Column] { columns.filter { $0.slot.line == line } }
}
