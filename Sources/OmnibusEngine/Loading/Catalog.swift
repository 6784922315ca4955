public import Omnibus

/// Everything that routes can name, of all plugins together.
public struct Catalog: Sendable {
  /// The plugins, in the order in which they were listed.
  public let plugins: [Plugin]
  /// The formats of all plugins.
  public let formats: Formats
  /// What is said beside a name that nothing has: why plugins are missing that may have it.
  public let missing: [Diagnostic.Note]
  private let components: [Component.Role: [String: Component]]

  /// The catalogue of `plugins`; of two components with one name and role the first is taken. `missing` says why
  /// others are not there.
  public init(_ plugins: [Plugin], missing: [Diagnostic.Note] = []) {
    self.plugins = plugins
    self.missing = missing
    formats = Formats(plugins.flatMap(\.formats))
    components = Dictionary(grouping: plugins.flatMap(\.components), by: \.role)
      .mapValues { Dictionary($0.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }) }
  }

  /// The component called `name` that can stand in `role`.
  public func component(_ name: String, _ role: Component.Role) -> Component? { components[role]?[name] }

  /// The names of what can stand in `role`, sorted.
  public func names(_ role: Component.Role) -> [String] { components[role].map { $0.keys.sorted() } ?? [] }

  /// What named options in a table can be for, sorted.
  package func shared(_ table: SharedOptions.Table) -> [String] {
    Set(sharing.compactMap { $0.shared?.table == table ? $0.shared?.kind : nil }).sorted()
  }

  /// The components that take named options of a kind.
  package func sharing(_ table: SharedOptions.Table, of kind: String) -> [Component] {
    sharing.filter { $0.shared?.table == table && $0.shared?.kind == kind }
      .sorted { ($0.name, $0.role.rawValue) < ($1.name, $1.role.rawValue) }
  }

  private var sharing: [Component] { components.values.flatMap(\.values).filter { $0.shared != nil } }

  /// All components called `name`, in the order of `Component.Role`.
  public func components(named name: String) -> [Component] {
    Component.Role.allCases.compactMap { component(name, $0) }
  }
}
