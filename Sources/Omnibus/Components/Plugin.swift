/// What a plugin brings: everything that a route can name comes from one.
public struct Plugin: Sendable {
  /// The plugin's name, as its folder's in lower case.
  public let name: String
  /// Its version (semver.org).
  public let version: String
  /// Sources, destinations, steps and middleware.
  public let components: [Component]
  /// Body formats.
  public let formats: [Format]

  /// A plugin.
  public init(name: String, version: String, components: [Component], formats: [Format] = []) {
    self.name = name
    self.version = version
    self.components = components
    self.formats = formats
  }
}
