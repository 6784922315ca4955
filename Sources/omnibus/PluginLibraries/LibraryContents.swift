internal import Omnibus

/// What a library brings, as the probe tells it.
struct LibraryContents {
  let plugin: String
  let components: [(role: String, name: String)]
  let formats: [String]

  init(_ plugin: Plugin) {
    self.plugin = plugin.name
    components = plugin.components.map { ($0.role.rawValue, $0.name) }
    formats = plugin.formats.map(\.name)
  }

  /// The contents in what a probe wrote; nil where it is none.
  init?(_ bytes: [UInt8]) {
    guard let report = try? JSONDocument(parsing: bytes).root, let plugin = report.member("plugin")?.string,
      let components = report.member("components")?.elements, let formats = report.member("formats")?.elements
    else { return nil }
    self.plugin = plugin
    self.components = components.compactMap { component in
      guard let role = component.member("role")?.string, let name = component.member("name")?.string else { return nil }
      return (role, name)
    }
    self.formats = formats.compactMap(\.string)
  }

  /// The contents as JSON.
  var value: Value {
    .map(
      ValueMap([
        ("plugin", .string(plugin)),
        (
          "components",
          .list(components.map { .map(ValueMap([("role", .string($0.role)), ("name", .string($0.name))])) })
        ),
        ("formats", .list(formats.map(Value.string))),
      ]))
  }
}

extension Value {
  /// The elements of a list in JSON; nil where this is none.
  fileprivate var elements: [Value]? {
    guard case .json(let node) = self, node.kind == .array else { return nil }
    return JSONElements(of: node).map(Value.json)
  }
}
