import Omnibus

/// One type of records.
struct RecordOptions: Options {
  @Option(
    help: "the name of the type: properties.part.type, and below another record the name of the member",
    check: { $0.isEmpty ? "is empty" : nil })
  var name: String
  @Option(help: "what tells records of the type apart", default: "nothing: whatever is none of those before it")
  var match: MatchOptions? = nil
  @Option(help: "how many lines a record takes", range: 1...1_000) var lines: Int = 1
  @Option(help: "how many there are at least, in the file or below one record", range: 0...1_000_000_000)
  var min: Int = 0
  @Option(
    help: "how many there are at most; below another record, one alone is an object, more are a list",
    default: "no limit", check: { ($0 ?? 1) < 1 ? "is less than 1" : nil })
  var max: Int? = nil
  @Option(help: "the columns") var columns: [ColumnOptions]
  @Option(
    help: "the types of records that belong to one of this type and come behind it, in the same form", default: "none")
  var records: NestedRecords = NestedRecords()
  @Option(help: "whether those come in the order in which they are listed, or in any") var order: RecordOrder = .listed

  func validate(_ node: Node, in scope: LoadScope) {
    guard let max, max < min else { return }
    scope.report("invalid-option", at: (node["max"] ?? node).location, "\(scope.subject): max is less than min")
  }

  /// The type.
  func recordType(in file: FlatFileOptions) -> RecordType {
    var type = RecordType(name: name, columns: ColumnOptions.columns(columns, of: file))
    type.lines = lines
    type.occurs = min...(max ?? .max)
    type.discriminator = match?.discriminator(among: type.columns, isFixedWidth: file.form == .fixedWidth)
    type.children = records.options.map { $0.recordType(in: file) }
    type.isOrdered = order == .listed
    return type
  }
}

/// The types of records below another. They may have some below themselves, so the shape does not spell them out.
struct NestedRecords: OptionValue {
  var options: [RecordOptions] = []

  static var shape: OptionShape { .list(.map(.template)) }

  static func decode(_ node: Node, in scope: LoadScope) -> NestedRecords? {
    [RecordOptions].decode(node, in: scope).map { NestedRecords(options: $0) }
  }
}
