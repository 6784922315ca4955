/// How records and fields are told apart: RFC 4180, what others do instead, and fixed width.
struct Dialect: Sendable {
  /// Whether fields stand at fixed places, rather than between delimiters.
  var isFixedWidth = false
  /// Between two fields.
  var delimiter = UInt8(ascii: ",")
  /// Around a field that holds delimiters or line breaks; nil for none.
  var quote: UInt8? = UInt8(ascii: "\"")
  /// Whether a backslash takes the next character as it is.
  var hasBackslashes = false
  /// Whether a quote within a field that is not enclosed in quotes is text.
  var allowsBareQuotes = false
  /// Whether spaces and tabs around fields are dropped.
  var trims = false
  /// What lines that are no records start with; empty for none.
  var comment: [UInt8] = []
  /// Whether the first record names the columns.
  var hasHeader = true
  /// Lines before the first record or header.
  var skippedRows = 0
  /// How many characters each record has where nothing ends it; nil where line breaks do.
  var blockWidth: Int?
  /// Whether what a record lacks at its end is taken as empty.
  var padsShortRecords = false
  /// Whether what a record has behind its last column is passed over.
  var ignoresRest = false
}
