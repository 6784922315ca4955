import Omnibus

/// One column of a layout.
struct ColumnOptions: Options {
  @Option(
    help: "the name of the member that a field becomes", default: "none: the column is passed over",
    check: { $0 == "" ? "is empty" : nil })
  var name: String? = nil
  @Option(help: "the name in the header", default: "the column's name") var header: String? = nil
  @Option(
    help: "where it begins: the character in fixed width, the field in delimited files without a header; from 1",
    default: "behind the column before it", check: placeProblem)
  var at: Int? = nil
  @Option(help: "how many characters it has in fixed width", default: "none", check: placeProblem)
  var width: Int? = nil
  @Option(help: "the line of the record that it is on, where a record takes several", range: 1...1_000)
  var line: Int = 1
  @Option(help: "what the fields are; an empty one that is not a string becomes null") var type: ColumnType = .string
  @Option(help: "whether the column must be there and no field empty") var required: Bool = false
  @Option(help: "what an empty field is taken as, and a member written that is absent or null", default: "none")
  var `default`: String? = nil
  @Option(
    help: "what stands there in every record: checked when it is read, written whatever the member is", default: "none")
  var value: String? = nil
  @Option(
    help: "how a date is written, of yyyy or yy, MM or M, dd or d, HH or H, mm, ss; yy is 1969 to 2068",
    default: .code("yyyy-MM-dd"), check: { $0.flatMap { DateFormat($0) == nil ? "is no date format" : nil } })
  var format: String? = nil
  @Option(help: "what stands for true, in any case", default: .code("[\"true\"]")) var trueValues: [String] = []
  @Option(help: "what stands for false, in any case", default: .code("[\"false\"]")) var falseValues: [String] = []
  @Option(help: "of a code, those that there are: a list, or a map from each to what it stands for", default: "none")
  var codes: CodeTable? = nil
  @Option(help: "where the sign of a number stands") var sign: SignStyle = .leading
  @Option(help: "how many digits of a decimal stand behind a point that is not written", range: 0...30)
  var impliedDecimals: Int = 0
  @Option(help: "what stands before the fraction of a decimal: one ASCII character", check: DialectCharacter.problem)
  var decimalSeparator: String = "."
  @Option(
    help: "what stands between groups of three digits: one ASCII character", default: "none",
    check: { $0.flatMap(DialectCharacter.problem) })
  var thousandsSeparator: String? = nil
  @Option(help: "in fixed width, the side of its width at which a text stands", default: "right for numbers, else left")
  var align: Alignment? = nil
  @Option(
    help: "in fixed width, what fills the width: one ASCII character",
    check: { DialectCharacter.byte($0) == nil || $0 < " " ? "is not one ASCII character" : nil })
  var pad: String = " "
  @Option(
    help: "in fixed width, where what fills the width is dropped; blanks around numbers, dates and the like always are",
    default: "the side that is filled, both where the layout trims")
  var trim: TrimSide? = nil
  @Option(help: "in fixed width, whether other columns have these characters as well; it is read only")
  var overlay: Bool = false

  static let placeProblem: @Sendable (Int?) -> String? = { place in
    place.flatMap { (1...Layout.recordLimit).contains($0) ? nil : "is not from 1 to \(Layout.recordLimit)" }
  }

  func validate(_ node: Node, in scope: LoadScope) {
    let kinds: [(option: String, types: [ColumnType])] = [
      ("format", [.date]), ("true_values", [.boolean]), ("false_values", [.boolean]), ("codes", [.code]),
      ("sign", [.integer, .decimal]), ("thousands_separator", [.integer, .decimal]),
      ("implied_decimals", [.decimal]), ("decimal_separator", [.decimal]),
    ]
    for (option, types) in kinds where node[option] != nil && !types.contains(type) {
      let names = types.map(\.rawValue).joined(separator: " or ")
      report("\(option) is for columns of type \(names)", at: node[option] ?? node, in: scope)
    }
    if type == .code, codes == nil { report("a column of type code needs codes", at: node, in: scope) }
    if impliedDecimals > 0, node["decimal_separator"] != nil {
      report("implied_decimals has no decimal_separator", at: node["decimal_separator"] ?? node, in: scope)
    }
    if thousandsSeparator == decimalSeparator {
      report("thousands_separator separates the fraction as well", at: node["thousands_separator"] ?? node, in: scope)
    }
    for option in ["default", "required"] where value != nil && node[option] != nil {
      report("\(option) has no meaning beside value", at: node[option] ?? node, in: scope)
    }
  }

  private func report(_ message: String, at node: Node, in scope: LoadScope) {
    scope.report("invalid-option", at: node.location, "\(scope.subject): \(message)")
  }

  /// The columns of a type of records, each behind the one before it unless it says where it begins.
  static func columns(_ options: [ColumnOptions], of file: FlatFileOptions) -> [Column] {
    var ends: [Int: Int] = [:]
    return options.map { option in
      var column = option.column(in: file)
      column.slot = Slot(
        line: option.line - 1, start: option.at.map { $0 - 1 } ?? ends[option.line, default: 0],
        width: option.width ?? 0)
      if !option.overlay { ends[option.line] = column.slot.end }
      return column
    }
  }

  private func column(in file: FlatFileOptions) -> Column {
    var column = Column(
      name: name, header: header ?? name ?? "", content: content, isRequired: required, isDeclared: true)
    column.standIn = `default`.map { Array($0.utf8) }
    // What has neither a name nor a value is filled up like an empty field, and not looked at.
    column.constant = value.map { Array($0.utf8) }
    column.isOverlay = overlay
    let isInFront = (align ?? (column.isNumber ? .right : .left)) == .right
    let side = trim ?? (file.trim ? .both : isInFront ? .left : .right)
    column.padding = Padding(
      character: DialectCharacter.byte(pad) ?? UInt8(ascii: " "), isInFront: isInFront,
      trimsFront: side == .left || side == .both, trimsBack: side == .right || side == .both)
    return column
  }

  private var content: Column.Content {
    switch type {
    case .string: .string
    case .integer: .integer(numberFormat)
    case .decimal: .decimal(numberFormat)
    case .boolean:
      .boolean(
        whenTrue: (trueValues.isEmpty ? ["true"] : trueValues).map { Array($0.utf8) },
        whenFalse: (falseValues.isEmpty ? ["false"] : falseValues).map { Array($0.utf8) })
    case .date: DateFormat(format ?? "yyyy-MM-dd").map(Column.Content.date) ?? .string
    case .code: codes.map(Column.Content.code) ?? .string
    }
  }

  private var numberFormat: NumberFormat {
    NumberFormat(
      sign: sign, impliedDecimals: impliedDecimals,
      decimalSeparator: DialectCharacter.byte(decimalSeparator) ?? UInt8(ascii: "."),
      thousandsSeparator: thousandsSeparator.flatMap(DialectCharacter.byte))
  }
}
