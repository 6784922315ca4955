internal import Omnibus
internal import OmnibusEngine

/// Reference pages in Markdown.
enum ReferenceMarkdown {
  /// All components in short, by role.
  static func overview(_ catalog: Catalog) -> String {
    "# Components\n\n"
      + Component.Role.allCases.map { role in
        let components = catalog.names(role).compactMap { catalog.component($0, role) }
        return "## \(role.title)\n\n| name | what it does |\n|---|---|\n"
          + components.map { "| `\($0.name)` | \(escape($0.summary)) |\n" }.joined()
      }.joined(separator: "\n")
  }

  /// One component with its options.
  static func page(_ component: Component) -> String {
    "# `\(component.name)` (\(component.role.rawValue))\n\n\(component.summary)\n\n```yaml\n\(component.usage)\n```\n\n"
      + (component.sharing.map { "\($0).\n\n" } ?? "") + "\(options(component.shape))\n"
  }

  /// The options of a shape as a table.
  static func options(_ shape: OptionShape) -> String {
    let rows = ReferenceRow.rows(shape).map { row in
      let value = row.isCode ? "`\(escape(row.value))`" : escape(row.value)
      return "| `\(row.name)` | \(escape(row.type)) | \(value) | \(escape(row.help)) |\n"
    }
    return rows.isEmpty
      ? "Takes \(shape.summary).\n"
      : "| option | type | default | what it is for |\n|---|---|---|---|\n\(rows.joined())"
  }

  private static func escape(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
