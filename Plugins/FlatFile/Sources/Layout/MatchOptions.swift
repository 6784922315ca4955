import Omnibus
import OmnibusExpression

/// What tells records of a type apart: a column, or a piece of the first line, and what it has to be.
struct MatchOptions: Options {
  @Option(help: "the name of the column that is looked at", default: "none") var column: String? = nil
  @Option(
    help: "instead of column: the first character that is looked at, in delimited files the field; from 1",
    default: "none", check: ColumnOptions.placeProblem)
  var at: Int? = nil
  @Option(
    help: "how many characters from at on", default: "as many as what it has to be, with pattern the rest of the line",
    check: ColumnOptions.placeProblem)
  var width: Int? = nil
  @Option(help: "what has to stand there, exactly", name: "is", default: "none") var text: String? = nil
  @Option(help: "instead of is: one of these", name: "in", default: .code("[]")) var texts: [String] = []
  @Option(help: "instead of is: a regular expression that has to match", default: "none") var pattern: TextPattern? =
    nil

  func validate(_ node: Node, in scope: LoadScope) {
    if (column == nil) == (at == nil) {
      scope.report("bad-layout", at: node.location, "\(scope.subject) needs either column or at")
    }
    if [text != nil, !texts.isEmpty, pattern != nil].count(where: { $0 }) != 1 {
      scope.report("bad-layout", at: node.location, "\(scope.subject) needs one of is, in and pattern")
    }
    let widths = Set(words.map(\.unicodeScalars.count))
    if at != nil, width == nil, widths.count > 1 {
      scope.report(
        "bad-layout", at: (node["in"] ?? node).location,
        "\(scope.subject): what has to stand there is not all equally long", help: "write width: …")
    }
  }

  private var words: [String] { text.map { [$0] } ?? texts }

  /// What tells the type apart; nil for a column that there is not.
  func discriminator(among columns: [Column], isFixedWidth: Bool) -> Discriminator? {
    let test = pattern.map(Discriminator.Test.pattern) ?? .oneOf(words.map { Array($0.utf8) })
    if let column {
      return columns.first { $0.name == column }.map {
        Discriminator(slot: $0.slot, padding: isFixedWidth ? $0.padding : nil, test: test)
      }
    }
    let count = pattern == nil ? words.first?.unicodeScalars.count ?? 0 : Layout.recordLimit
    let slot = Slot(start: (at ?? 1) - 1, width: isFixedWidth ? width ?? count : 0)
    return Discriminator(slot: slot, padding: nil, test: test)
  }
}
