import Omnibus

/// The layout of a flat file that is read.
struct FlatFileOptions: Options {
  @Option(help: "what stands between two fields: one ASCII character", check: DialectCharacter.problem)
  var delimiter: String = ","
  @Option(
    help: "what encloses fields that hold delimiters or line breaks: one ASCII character, or none",
    check: { $0 == "none" ? nil : DialectCharacter.problem($0) })
  var quote: String = "\""
  @Option(help: "whether a backslash takes the next character as it is") var escape: EscapeStyle = .none
  @Option(help: "take a quote within a field that is not enclosed in quotes as text, which RFC 4180 forbids")
  var bareQuotes: Bool = false
  @Option(help: "whether the first record names the columns") var header: Bool = true
  @Option(help: "drop spaces and tabs around fields") var trim: Bool = false
  @Option(help: "what lines that are no records start with", default: "none", check: { $0 == "" ? "is empty" : nil })
  var comment: String? = nil
  @Option(help: "how many lines to pass over before the header or the first record", range: 0...1_000)
  var skipRows: Int = 0
  @Option(help: "the columns that are read", default: "those that the header names, all of them strings")
  var columns: [ColumnOptions] = []

  func validate(_ node: Node, in scope: LoadScope) {
    if !header, columns.isEmpty {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs \"columns\" where there is no header",
        help: "write columns: [{ name: … }]")
    }
    DialectCharacter.reportAlike(delimiter: delimiter, quote: quote, of: node, in: scope)
    ColumnOptions.reportRepeated(columns, at: node["columns"] ?? node, in: scope)
  }

  /// The layout.
  var layout: Layout {
    Layout(
      dialect: Dialect(
        delimiter: DialectCharacter.byte(delimiter) ?? UInt8(ascii: ","),
        quote: quote == "none" ? nil : DialectCharacter.byte(quote), hasBackslashes: escape == .backslash,
        allowsBareQuotes: bareQuotes, trims: trim, comment: Array((comment ?? "").utf8), hasHeader: header,
        skippedRows: skipRows),
      columns: columns.map(\.column))
  }
}

/// How a character that means something is taken as text.
enum EscapeStyle: String, OptionEnum {
  /// Only by quotes around the field; a quote is doubled.
  case none
  /// By a backslash before it, too.
  case backslash
}
