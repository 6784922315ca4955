internal import Omnibus
internal import OmnibusEngine

/// Reference pages for the terminal.
enum ReferenceText {
  /// All components in short, by role.
  static func overview(_ catalog: Catalog) -> String {
    Component.Role.allCases.map { role in
      let components = catalog.names(role).compactMap { catalog.component($0, role) }
      let width = components.map(\.name.count).max() ?? 0
      return "\(role.title)\n"
        + components.map { "  \(pad($0.name, width))  \($0.summary)\n" }.joined()
    }.joined(separator: "\n") + "\nomnibus describe NAME says more.\n"
  }

  /// One component with its options.
  static func page(_ component: Component) -> String {
    "\(component.name) (\(component.role.rawValue)): \(component.summary)\n\n  \(component.usage)\n\n"
      + (component.sharing.map { "\($0).\n\n" } ?? "") + "\(options(component.shape))\n"
  }

  /// The keys of omnibus.yaml.
  static func configuration(_ shape: OptionShape) -> String {
    "omnibus.yaml: the configuration of the engine, beside the folder of routes\n\n\(options(shape))\n"
  }

  private static func options(_ shape: OptionShape) -> String {
    let rows = ReferenceRow.rows(shape)
    let name = rows.map(\.name.count).max() ?? 0
    let type = min(rows.map(\.type.count).max() ?? 0, 24)
    let lines = rows.map { row in
      "  \(pad(row.name, name))  \(pad(row.type, type))  \(row.help) [\(row.value)]\n"
    }
    return rows.isEmpty ? "Takes \(shape.summary).\n" : "Options\n\(lines.joined())"
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
