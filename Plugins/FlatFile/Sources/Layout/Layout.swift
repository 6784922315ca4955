/// What a flat file looks like.
struct Layout: Sendable {
  /// How records and fields are told apart.
  var dialect: Dialect
  /// The columns in order; none where the header names them, all of them strings.
  var columns: [Column]

  /// The longest record, in bytes.
  static let recordLimit = 1 << 20
  /// The most fields of a record.
  static let fieldLimit = 10_000
}
