import OmnibusEngine

extension RouteFiles {
  /// One file of these routes.
  static func sample(text: String) -> RouteFiles {
    RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))])
  }

  /// One file with a route for each id, with these steps.
  static func sample(_ ids: String..., steps: String = "[]", from: String? = nil) -> RouteFiles {
    let routes = ids.map { "- { id: \($0), from: { feed: { name: \(from ?? $0) } }, steps: \(steps) }" }
    return sample(text: "routes:\n" + routes.joined(separator: "\n"))
  }
}
