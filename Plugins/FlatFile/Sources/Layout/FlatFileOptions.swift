import Omnibus

/// The layout of a flat file, the same for reading and writing.
struct FlatFileOptions: Options {
  @Option(help: "whether delimiters part the fields, or the fields have widths") var form: FileForm = .delimited
  @Option(help: "how the characters are written; utf-16 has a byte order mark, utf-16le and utf-16be need none")
  var encoding: TextEncoding = .utf8
  @Option(help: "what to do with bytes that stand for no character when reading: refuse the record, or read U+FFFD")
  var invalidCharacters: InvalidCharacters = .refuse
  @Option(help: "what stands between two fields: one ASCII character", check: DialectCharacter.problem)
  var delimiter: String = ","
  @Option(
    help: "what encloses fields that hold delimiters or line breaks: one ASCII character, or none",
    check: { $0 == "none" ? nil : DialectCharacter.problem($0) })
  var quote: String = "\""
  @Option(help: "whether a backslash takes the next character as it is") var escape: EscapeStyle = .none
  @Option(
    help: "when reading, take a quote within a field that is not enclosed in quotes as text, which RFC 4180 forbids")
  var bareQuotes: Bool = false
  @Option(help: "whether the first record names the columns", default: "true for delimited files without records")
  var header: Bool? = nil
  @Option(help: "drop blanks around fields: spaces and tabs, in fixed width what fills the fields up")
  var trim: Bool = false
  @Option(help: "what lines that are no records start with", default: "none", check: { $0 == "" ? "is empty" : nil })
  var comment: String? = nil
  @Option(help: "when reading, how many lines to pass over before the header or the first record", range: 0...1_000)
  var skipRows: Int = 0
  @Option(
    help: "what ends each record that is written; RFC 4180 says crlf. Both and cr end one that is read, unless none "
      + "says that nothing does: then all records are equally wide")
  var lineEnding: LineEnding = .crlf
  @Option(
    help:
      "when reading, what to do with a record that ends before its last column: refuse it, or take the rest as empty")
  var shortRecords: ShortRecords = .refuse
  @Option(
    help: "when reading, what to do with a record that goes on behind its last column: refuse it, or ignore the rest")
  var longRecords: LongRecords = .refuse
  @Option(
    help: "the columns, where all records are of one type",
    default: "those that the header names, else the members of the first object that is written, all of them strings")
  var columns: [ColumnOptions] = []
  @Option(help: "the types of records, where there are several", default: "one type, with the columns above")
  var records: [RecordOptions] = []
  @Option(help: "whether records of the types come in the order in which they are listed, or in any")
  var order: RecordOrder = .listed
  @Option(
    help: "the member that says of which type a record is: added where one is read, needed where one is written",
    default: "none", check: { $0 == "" ? "is empty" : nil })
  var typeMember: String? = nil

  func validate(_ node: Node, in scope: LoadScope) {
    DialectCharacter.reportAlike(delimiter: delimiter, quote: quote, of: node, in: scope)
    LayoutCheck(self, scope).check(node)
  }

  /// Whether the first record names the columns.
  var hasHeader: Bool { header ?? (form == .delimited && records.isEmpty) }

  /// The layout.
  var layout: Layout {
    var dialect = Dialect(
      isFixedWidth: form == .fixedWidth, delimiter: DialectCharacter.byte(delimiter) ?? UInt8(ascii: ","),
      quote: quote == "none" || form == .fixedWidth ? nil : DialectCharacter.byte(quote),
      hasBackslashes: escape == .backslash, allowsBareQuotes: bareQuotes, trims: trim,
      comment: Array((comment ?? "").utf8), hasHeader: hasHeader,
      skippedRows: skipRows, padsShortRecords: shortRecords == .pad, ignoresRest: longRecords == .ignore)
    var layout: Layout
    if records.isEmpty {
      layout = Layout(dialect: dialect, columns: ColumnOptions.columns(columns, of: self))
    } else {
      let types = records.map { $0.recordType(in: self) }
      layout = Layout(dialect: dialect, types: types, isOrdered: order == .listed, typeMember: typeMember)
    }
    if lineEnding == .none {
      dialect.blockWidth = layout.types.first.map { $0.columns(ofLine: 0).map(\.slot.end).max() ?? 0 }
      layout.dialect = dialect
    }
    layout.encoding = encoding
    layout.replacesInvalid = invalidCharacters == .replace
    return layout
  }

  /// The layout of a file that is read. Fails where nothing would name its columns.
  func readingLayout() throws(OptionProblem) -> Layout {
    guard hasHeader || !columns.isEmpty || !records.isEmpty else {
      throw OptionProblem(
        nil, "it needs \"columns\" where there is no header", help: "write columns: [{ name: … }]")
    }
    return layout
  }

  /// The layout of a file that is written. Fails where nothing would say of which type a record is.
  func writingLayout() throws(OptionProblem) -> Layout {
    guard records.count < 2 || typeMember != nil else {
      throw OptionProblem(
        "records", "of several types of records each one that is written has to say which it is of",
        help: "write type_member: …, the member that has the name of the type")
    }
    return layout
  }
}
