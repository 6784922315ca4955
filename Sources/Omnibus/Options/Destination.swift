/// An option that is a destination with its options, written as under `to`: `{ file: { directory: letters } }`.
public struct Destination: OptionValue {
  /// What sends messages there.
  public let step: any Step

  /// A map with one destination.
  public static var shape: OptionShape { .using(.destination, []) }

  /// Makes the destination, or reports what is wrong with it.
  public static func decode(_ node: Node, in scope: LoadScope) -> Destination? {
    guard let entries = node.entries, entries.count == 1 else {
      let names = node.entries?.map { $0.key.text ?? "" } ?? []
      scope.report(
        "bad-use", at: node.location,
        "\(scope.subject) takes a map with exactly one destination, found "
          + (names.isEmpty ? node.kindName : names.joined(separator: ", ")),
        help: "write { \(names.first ?? node.text ?? "file"): { … } }")
      return nil
    }
    return scope.destination(named: entries[0].key, options: entries[0].value).map(Destination.init)
  }
}
