import Omnibus

/// Finds what is wrong with a layout that no single option can see, and says where.
struct LayoutCheck {
  private let options: FlatFileOptions
  private let scope: LoadScope
  private var isFixedWidth: Bool { options.form == .fixedWidth }

  init(_ options: FlatFileOptions, _ scope: LoadScope) {
    self.options = options
    self.scope = scope
  }

  /// Reports all problems of the layout in `node`.
  func check(_ node: Node) {
    checkForm(node)
    if node["records"] == nil {
      checkColumns(options.columns, node["columns"] ?? node, lines: 1)
    } else {
      for name in ["columns", "header"] where node[name] != nil && (name == "columns" || options.hasHeader) {
        report("\(name) cannot stand beside records, whose types have columns of their own", at: node[name] ?? node)
      }
      checkTypes(options.records, node["records"] ?? node, isOrdered: options.order == .listed)
    }
    for name in ["order", "type_member"] where node[name] != nil && options.records.isEmpty {
      report("\(name) is for layouts with records", at: node[name] ?? node)
    }
    if isFixedWidth, options.lineEnding == .none { checkBlocks(node) }
  }

  private func checkForm(_ node: Node) {
    guard isFixedWidth else {
      if options.lineEnding == .none {
        report("line_ending none is for files in fixed width", at: node["line_ending"] ?? node)
      }
      return
    }
    for name in ["delimiter", "quote", "escape", "bare_quotes", "header"] where node[name] != nil {
      report("\(name) is for delimited files", at: node[name] ?? node)
    }
    if options.columns.isEmpty, options.records.isEmpty {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs \"columns\" or \"records\" in fixed width",
        help: "write columns: [{ name: …, width: … }]")
    }
  }

  // MARK: columns

  private func checkColumns(_ columns: [ColumnOptions], _ node: Node, lines: Int) {
    var names: Set<String> = []
    for (place, column) in columns.enumerated() {
      let element = Self.element(place, of: node)
      checkTexts(column, element)
      if let name = column.name, !names.insert(name).inserted {
        report("two columns have the name \"\(name)\"", at: element["name"] ?? element)
      }
      if column.line > lines {
        report("a column is on line \(column.line) of a record of \(lines)", at: element["line"] ?? element)
      }
      if isFixedWidth { checkFixed(column, element) } else { checkDelimited(column, element) }
    }
    if columns.count > Layout.fieldLimit { report("there are more than \(Layout.fieldLimit) columns", at: node) }
    checkOverlaps(columns, node)
  }

  /// What the layout puts into fields has to be what the column takes.
  private func checkTexts(_ column: ColumnOptions, _ node: Node) {
    guard var placed = ColumnOptions.columns([column], of: options).first else { return }
    placed.isRequired = false
    placed.name = placed.name ?? "value"
    for (option, text) in [("value", column.value), ("default", column.default)] {
      guard let text, !placed.accepts(text) else { continue }
      report("\(option) is not \(placed.expectationOfText)", at: node[option] ?? node)
    }
  }

  private func checkFixed(_ column: ColumnOptions, _ node: Node) {
    if node["header"] != nil { report("header is for delimited files", at: node["header"] ?? node) }
    guard let width = column.width else {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs the option \"width\" for each column",
        help: "write width: 10")
      return
    }
    if column.type == .integer || column.type == .decimal, let pad = DialectCharacter.byte(column.pad),
      pad &- UInt8(ascii: "0") < 10
    {
      let place = node["pad"] ?? node
      if pad != UInt8(ascii: "0") {
        report("a digit that fills a number up makes it another, other than zeros in front of it", at: place)
      } else if column.align == .left {
        report("zeros behind a number make it another, which align: left puts there", at: place)
      }
    }
    if let value = column.value, value.unicodeScalars.count > width {
      report("value is longer than the \(width) characters of its column", at: node["value"] ?? node)
    }
    if let text = column.default, text.unicodeScalars.count > width {
      report("default is longer than the \(width) characters of its column", at: node["default"] ?? node)
    }
  }

  private func checkDelimited(_ column: ColumnOptions, _ node: Node) {
    for name in ["width", "align", "pad", "trim", "overlay"] where node[name] != nil {
      report("\(name) is for files in fixed width", at: node[name] ?? node)
    }
    guard options.hasHeader else { return }
    if node["at"] != nil {
      report("at is for files without a header, which says where columns are", at: node["at"] ?? node)
    }
    if column.name == nil, column.header == nil {
      scope.report(
        "missing-option", at: node.location, "\(scope.subject) needs the option \"name\" for each column",
        help: "write name: \"text\"")
    }
  }

  private func checkOverlaps(_ columns: [ColumnOptions], _ node: Node) {
    let placed = ColumnOptions.columns(columns, of: options)
    var last: [Int: Column] = [:]
    for place in placed.indices.sorted(by: { (placed[$0].slot.start, $0) < (placed[$1].slot.start, $1) }) {
      let column = placed[place]
      let element = Self.element(place, of: node)
      if column.slot.end > (isFixedWidth ? Layout.recordLimit : Layout.fieldLimit) {
        report("a column ends behind what a record may hold", at: element)
      }
      guard !column.isOverlay, !options.hasHeader else { continue }
      if let before = last[column.slot.line], before.slot.end > column.slot.start {
        let found = isFixedWidth ? "characters \(Self.range(column))" : "field \(column.slot.start + 1)"
        let other = isFixedWidth ? "has \(Self.range(before))" : "has it as well"
        scope.report(
          "bad-layout", at: element.location,
          "\(scope.subject): \(Self.name(column)) has \(found), and \(Self.name(before)) \(other)",
          help: isFixedWidth ? "move it, or write overlay: true to read the same characters twice" : nil)
      }
      if column.slot.end >= last[column.slot.line]?.slot.end ?? 0 { last[column.slot.line] = column }
    }
  }

  // MARK: types of records

  private func checkTypes(_ types: [RecordOptions], _ list: Node, isOrdered: Bool) {
    var names: Set<String> = []
    var catchAll: String?
    for (place, type) in types.enumerated() {
      let node = Self.element(place, of: list)
      if !names.insert(type.name).inserted {
        report("two types of records have the name \"\(type.name)\"", at: node["name"] ?? node)
      }
      if let catchAll {
        report("records of type \(type.name) never come, as \(catchAll) before it takes every record", at: node)
      }
      if type.match == nil, type.max == nil || !isOrdered { catchAll = type.name }
      checkColumns(type.columns, node["columns"] ?? node, lines: type.lines)
      checkMatch(type, node)
      for (number, child) in type.records.options.enumerated() {
        let element = Self.element(number, of: node["records"] ?? node)
        if type.columns.contains(where: { $0.name == child.name }) {
          report("a column has the name \"\(child.name)\" as well", at: element["name"] ?? element)
        }
      }
      checkTypes(type.records.options, node["records"] ?? node, isOrdered: type.order == .listed)
    }
  }

  private func checkMatch(_ type: RecordOptions, _ node: Node) {
    guard let match = type.match, let place = node["match"] else { return }
    if match.width != nil, !isFixedWidth { report("width is for files in fixed width", at: place["width"] ?? place) }
    guard let name = match.column else { return }
    guard let column = type.columns.first(where: { $0.name == name }) else {
      let key = place["column"] ?? place
      let nearest = NearestName.of(name, among: type.columns.compactMap(\.name))
      report(
        "records of type \(type.name) have no column \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""),
        at: key)
      return
    }
    if column.line > 1 { report("records are told apart by their first line", at: place["column"] ?? place) }
  }

  /// Where nothing ends a record, all lines of all records have to be equally long.
  private func checkBlocks(_ node: Node) {
    for name in ["comment", "skip_rows"] where node[name] != nil {
      report("\(name) is for files with line endings", at: node[name] ?? node)
    }
    var widths: Set<Int> = []
    func visit(_ type: RecordType) {
      for line in 0..<type.lines { widths.insert(type.columns(ofLine: line).map(\.slot.end).max() ?? 0) }
      type.children.forEach(visit)
    }
    options.layout.types.forEach(visit)
    // Of the characters each may take four bytes.
    if let widest = widths.max(), widest > Layout.recordLimit / 4 {
      report("a record has more than \(Layout.recordLimit / 4) characters", at: node)
    }
    guard widths.count > 1 else { return }
    let found = widths.sorted().map { "\($0)" }.joined(separator: ", ")
    scope.report(
      "bad-layout", at: node["line_ending"]?.location ?? node.location,
      "\(scope.subject): without line endings all records are equally wide, found widths \(found)",
      help: "end the shorter ones with a column that has only a width")
  }

  // MARK: places and words

  private func report(_ message: String, at node: Node) {
    scope.report("bad-layout", at: node.location, "\(scope.subject): \(message)")
  }

  private static func element(_ place: Int, of node: Node) -> Node {
    node.elements.flatMap { $0.indices.contains(place) ? $0[place] : nil } ?? node
  }

  private static func range(_ column: Column) -> String { "\(column.slot.start + 1) to \(column.slot.end)" }

  private static func name(_ column: Column) -> String {
    column.name.map { "column \($0)" } ?? "a column without a name"
  }
}
