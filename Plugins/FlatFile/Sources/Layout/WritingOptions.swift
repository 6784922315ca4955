import Omnibus

/// The layout of a file that is written. It may be the one that the file is read by again, so what only reading looks at
/// may stand in it, unless that reading would lose what was written.
struct WritingOptions: OptionValue {
  let file: FlatFileOptions

  static var shape: OptionShape { FlatFileOptions.shape }

  static func decode(_ node: Node, in scope: LoadScope) -> WritingOptions? {
    guard let file = FlatFileOptions.decode(node, in: scope) else { return nil }
    if file.skipRows > 0 {
      scope.report(
        "conflicting-options", at: (node["skip_rows"] ?? node).location,
        "\(scope.subject): skip_rows has no meaning where a file is written",
        help: "leave it out: no such lines are written, and reading would pass over the first records instead")
    }
    return WritingOptions(file: file)
  }
}
