import Omnibus

/// One column of a layout.
struct ColumnOptions: Options {
  @Option(help: "the name of the member that a field becomes", check: { $0.isEmpty ? "is empty" : nil })
  var name: String
  @Option(help: "the name in the header", default: "the column's name") var header: String? = nil
  @Option(help: "what the fields are; an empty one that is not a string becomes null") var type: ColumnType = .string
  @Option(help: "whether the column must be there and no field empty") var required: Bool = false
  @Option(
    help: "how a date is written, of yyyy, MM or M, dd or d, HH or H, mm, ss", default: .code("yyyy-MM-dd"),
    check: { $0.flatMap { DateFormat($0) == nil ? "is no date format" : nil } })
  var format: String? = nil
  @Option(help: "what stands for true, in any case", default: .code("[\"true\"]")) var trueValues: [String] = []
  @Option(help: "what stands for false, in any case", default: .code("[\"false\"]")) var falseValues: [String] = []

  func validate(_ node: Node, in scope: LoadScope) {
    if format != nil, type != .date {
      scope.report(
        "invalid-option", at: (node["format"] ?? node).location, "\(scope.subject): format is for columns of type date")
    }
    for option in ["true_values", "false_values"] where node[option] != nil && type != .boolean {
      scope.report(
        "invalid-option", at: (node[option] ?? node).location,
        "\(scope.subject): \(option) is for columns of type boolean")
    }
  }

  /// Reports names that come twice.
  static func reportRepeated(_ columns: [ColumnOptions], at node: Node, in scope: LoadScope) {
    var names: Set<String> = []
    for (place, column) in columns.enumerated() where !names.insert(column.name).inserted {
      let element = node.elements.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? node
      scope.report(
        "invalid-option", at: (element["name"] ?? element).location,
        "\(scope.subject): two columns have the name \"\(column.name)\"")
    }
  }

  /// The column.
  var column: Column {
    Column(name: name, header: header ?? name, content: content, isRequired: required, isDeclared: true)
  }

  private var content: Column.Content {
    switch type {
    case .string: .string
    case .integer: .integer
    case .decimal: .decimal
    case .boolean:
      .boolean(
        whenTrue: (trueValues.isEmpty ? ["true"] : trueValues).map { Array($0.utf8) },
        whenFalse: (falseValues.isEmpty ? ["false"] : falseValues).map { Array($0.utf8) })
    case .date: DateFormat(format ?? "yyyy-MM-dd").map(Column.Content.date) ?? .string
    }
  }
}
