public import Omnibus

/// A shared library with plugins, as `plugins` of `omnibus.yaml` names it.
public struct PluginLibrary: OptionValue {
  /// The file; a relative path that was written starts at the folder of `omnibus.yaml`.
  public let path: String
  /// The file as it was written, for people: what a reference in it stands for may be a secret.
  public let written: String
  /// Whether the engine starts without it when it cannot be loaded.
  public let isOptional: Bool
  /// Where it is named.
  public let place: Location

  private struct Details: Options {
    @Option(help: "the shared library; a relative path starts at the folder of omnibus.yaml")
    var library: String

    @Option(help: "start without it when it cannot be loaded; otherwise the engine does not start")
    var optional: Bool = false
  }

  /// A path, or a map with more.
  public static var shape: OptionShape {
    .either([.scalar("path", example: "plugins/libacme.so"), Details.shape])
  }

  /// Reads `PATH` or `{ library: PATH, optional: true }`.
  public static func decode(_ node: Node, in scope: LoadScope) -> PluginLibrary? {
    guard !node.isNull, node.elements == nil else {
      scope.reportMistyped(node, expected: shape)
      return nil
    }
    if node.text != nil {
      return String.decode(node, in: scope).flatMap { PluginLibrary($0, isOptional: false, node, in: scope) }
    }
    guard let details = Details.decode(node, in: scope) else { return nil }
    return PluginLibrary(details.library, isOptional: details.optional, node["library"] ?? node, in: scope)
  }

  private init?(_ path: String, isOptional: Bool, _ node: Node, in scope: LoadScope) {
    guard !path.isEmpty else {
      scope.report("invalid-option", at: node.location, "\(scope.subject): the path of a library is empty")
      return nil
    }
    self.path = path.hasPrefix("/") ? path : "\(scope.directory)/\(path)"
    written = node.text ?? path
    self.isOptional = isOptional
    place = node.location
  }
}
