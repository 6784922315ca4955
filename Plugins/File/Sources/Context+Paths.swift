internal import Glibc
internal import Omnibus

extension Context {
  /// A path of a route's options: a relative one starts from the folder of the routes file.
  func resolve(_ path: String) -> String { path.hasPrefix("/") ? path : "\(directory)/\(path)" }

  /// Whether a path of a route's options is the folder of the routes, or lies in it.
  func isAmongRoutes(_ path: String) -> Bool {
    guard let routesFolder else { return false }
    return Self.names(in: resolve(path)).starts(with: Self.names(in: routesFolder))
  }

  /// A path from the root, the same for all spellings of it; links are not followed.
  static func normalised(_ path: String) -> String { "/" + names(in: path).joined(separator: "/") }

  /// The names that a path goes through, from the root; links are not followed.
  private static func names(in path: String) -> [Substring] {
    (path.hasPrefix("/") ? path : "\(workingFolder)/\(path)").split(separator: "/").reduce(into: []) { names, name in
      switch name {
      case ".": break
      case "..": _ = names.popLast()
      default: names.append(name)
      }
    }
  }

  private static var workingFolder: String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return String(cString: path)
  }
}

extension LoadScope {
  /// Reports a folder for data that lies among the routes: what somebody puts there would be read as a route.
  func reportData(_ path: String?, in option: String, of node: Node) {
    guard let path, context?.isAmongRoutes(path) == true else { return }
    report(
      "data-in-routes", at: (node[option] ?? node).location,
      "\(subject): \(option) lies in the folder of the routes, where files that come in would become routes",
      help: "write a folder outside of it, such as ../data or one that an ${env:…} names")
  }
}
