/// Options that are written once, under a name, for several components to take: those of a connection, a layout.
public struct SharedOptions: Sendable, Equatable {
  /// Where they are written.
  public enum Table: String, Sendable { case connection, resource }

  /// Where they are written: under `connections` or `resources`.
  public let table: Table
  /// What they are for, the key that they stand under there: `rest`, `flat_file`.
  public let kind: String
  /// The key by which a component names them: `connection`, `layout`.
  public let key: String

  /// Those of a connection for `kind`.
  public static func connection(_ kind: String) -> SharedOptions {
    SharedOptions(table: .connection, kind: kind, key: "connection")
  }

  /// Those of a resource that has the layout of files.
  public static func layout(_ kind: String) -> SharedOptions {
    SharedOptions(table: .resource, kind: kind, key: layoutKey)
  }

  /// The key by which a layout is named.
  package static let layoutKey = "layout"
}
