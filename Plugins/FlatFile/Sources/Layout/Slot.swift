/// Where a column stands in a record.
struct Slot: Sendable, Equatable {
  /// The line, from 0.
  var line = 0
  /// The first character in fixed width, the field otherwise; from 0.
  var start = 0
  /// How many characters, in fixed width.
  var width = 0

  /// Behind the last character, or field.
  var end: Int { start + max(width, 1) }
}
