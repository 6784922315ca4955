import Omnibus

/// The layout of a flat file that is written.
struct WriteFlatFileOptions: Options {
  @Option(help: "what stands between two fields: one ASCII character", check: DialectCharacter.problem)
  var delimiter: String = ","
  @Option(
    help: "what encloses fields that hold delimiters or line breaks: one ASCII character, or none",
    check: { $0 == "none" ? nil : DialectCharacter.problem($0) })
  var quote: String = "\""
  @Option(help: "write backslashes before quotes and backslashes, instead of doubling quotes")
  var escape: EscapeStyle = .none
  @Option(help: "whether the first record names the columns") var header: Bool = true
  @Option(help: "what ends each record; RFC 4180 says crlf") var lineEnding: LineEnding = .crlf
  @Option(help: "the columns in their order", default: "the members of the first object, all of them strings")
  var columns: [ColumnOptions] = []

  func validate(_ node: Node, in scope: LoadScope) {
    DialectCharacter.reportAlike(delimiter: delimiter, quote: quote, of: node, in: scope)
    ColumnOptions.reportRepeated(columns, at: node["columns"] ?? node, in: scope)
  }

  /// The layout.
  var layout: Layout {
    Layout(
      dialect: Dialect(
        delimiter: DialectCharacter.byte(delimiter) ?? UInt8(ascii: ","),
        quote: quote == "none" ? nil : DialectCharacter.byte(quote), hasBackslashes: escape == .backslash,
        hasHeader: header),
      columns: columns.map(\.column))
  }
}

/// What ends each record.
enum LineEnding: String, OptionEnum {
  case lf, crlf

  /// The bytes.
  var bytes: [UInt8] { self == .lf ? [0x0A] : [0x0D, 0x0A] }
}
