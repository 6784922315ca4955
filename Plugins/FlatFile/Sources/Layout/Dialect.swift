/// How records and fields are told apart: RFC 4180, and what others do instead.
struct Dialect: Sendable {
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
}
