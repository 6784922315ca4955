import Omnibus

/// What the fields of a column are, and so which values they become.
enum ColumnType: String, OptionEnum {
  /// Any text.
  case string
  /// A whole number of any size.
  case integer
  /// A number with or without a fraction, exact.
  case decimal
  /// True or false.
  case boolean
  /// A calendar date, with or without a time of day.
  case date
  /// One of some codes, or what it stands for.
  case code
}
