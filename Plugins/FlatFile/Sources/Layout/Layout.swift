import Omnibus

/// What a flat file looks like.
struct Layout: Sendable {
  /// How records and fields are told apart.
  var dialect: Dialect
  /// The types of records; where the layout tells none apart, the one that all are of.
  var types: [RecordType]
  /// Whether the layout tells several types apart, and so which type a record is of is worth saying.
  var isTyped = false
  /// Whether records of the types come in the order in which the layout lists them.
  var isOrdered = true
  /// The member that says of which type a record is; nil for none.
  var typeMember: String?
  /// How the characters are written.
  var encoding = TextEncoding.utf8
  /// Whether U+FFFD stands for what stands for no character; else the record is a bad one.
  var replacesInvalid = false

  /// A layout whose records are all of one type, on a line each.
  init(dialect: Dialect, columns: [Column]) {
    self.dialect = dialect
    types = [RecordType(name: "", columns: columns)]
  }

  /// A layout of several types of records.
  init(dialect: Dialect, types: [RecordType], isOrdered: Bool, typeMember: String?) {
    self.dialect = dialect
    self.types = types
    self.isOrdered = isOrdered
    self.typeMember = typeMember
    isTyped = true
  }

  /// The columns where all records are of one type; none where the header names them, all of them strings.
  var columns: [Column] { isTyped ? [] : types[0].columns }

  /// What turns the bytes of a file into UTF-8; nil where they are that already, or are to be refused where they are not.
  var decoder: TextDecoder? {
    encoding == .utf8 && !replacesInvalid ? nil : TextDecoder(encoding, replacingInvalid: replacesInvalid)
  }

  /// What is wrong with a file in UTF-16 that does not say which half of a unit comes first.
  static let missingMark = Failure(
    .invalid, "the file has no byte order mark, which utf-16 needs; one without is utf-16le or utf-16be")

  /// The longest record, in bytes of UTF-8.
  static let recordLimit = 1 << 20
  /// The most fields of a record.
  static let fieldLimit = 10_000
  /// The longest record with others below it, in bytes of UTF-8.
  static let groupLimit = 16 << 20
  /// The most rows of a record with others below it.
  static let groupRowLimit = 10_000
}
