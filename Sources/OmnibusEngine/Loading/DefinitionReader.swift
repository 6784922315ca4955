internal import Omnibus

/// Reads the files' top level: `connections`, `resources`, `routes`. Every problem of every file is gathered.
struct DefinitionReader {
  private(set) var definitions = Definitions()
  private(set) var problems: [Diagnostic] = []
  private var routePlaces: [String: Location] = [:]

  static let topLevel = ["connections", "resources", "routes"]
  static let routeKeys = ["description", "from", "id", "middleware", "steps"]

  mutating func read(_ files: RouteFiles) {
    problems.append(contentsOf: files.problems)
    for file in files.files {
      let document = YAMLParser.parse(file.bytes, file: file.path)
      problems.append(contentsOf: document.problems)
      if let node = document.node, !node.isNull { read(node, directory: directory(of: file.path)) }
    }
  }

  private mutating func read(_ root: Node, directory: String) {
    guard let entries = root.entries else {
      return report(
        "not-a-map", root, "a routes file is a map with the keys connections, resources, routes; found \(root.kindName)"
      )
    }
    for (key, value) in entries {
      switch key.text ?? "" {
      case "connections": readNamed(value, "connection", into: \.connections)
      case "resources": readNamed(value, "resource", into: \.resources)
      case "routes": readRoutes(value, directory: directory)
      case let name where name.hasPrefix("x-"): continue  // a place for anchors
      default: reportUnknownKey(key, of: "a routes file", among: Self.topLevel)
      }
    }
  }

  private mutating func readNamed(
    _ node: Node, _ what: String, into list: WritableKeyPath<Definitions, [String: Definitions.Named]>
  ) {
    guard !node.isNull else { return }
    guard let entries = node.entries else {
      return report("not-a-map", node, "\(what)s are a map of names, found \(node.kindName)")
    }
    for (key, value) in entries {
      let name = key.text ?? ""
      guard let uses = value.entries, uses.count == 1 else {
        report(
          "bad-\(what)", value, "\(what) \"\(name)\" needs exactly one component with its options",
          help: "write \(name): { \(what == "connection" ? "rest: { url: … }" : "retry: { attempts: 5 }") }")
        continue
      }
      if let first = definitions[keyPath: list][name] {
        reportDuplicate(what, key, first: first.name.location)
        continue
      }
      definitions[keyPath: list][name] = .init(name: key, component: uses[0].key, options: uses[0].value)
    }
  }

  private mutating func readRoutes(_ node: Node, directory: String) {
    guard !node.isNull else { return }
    guard let routes = node.elements else {
      return report(
        "not-a-list", node, "routes are a list, found \(node.kindName)", help: "begin each route with \"- id: …\"")
    }
    for route in routes { readRoute(route, directory: directory) }
  }

  private mutating func readRoute(_ node: Node, directory: String) {
    guard let entries = node.entries else {
      return report("not-a-map", node, "a route is a map with id, from and steps; found \(node.kindName)")
    }
    for (key, _) in entries where !Self.routeKeys.contains(key.text ?? "") {
      reportUnknownKey(key, of: "a route", among: Self.routeKeys)
    }
    for key in ["id", "from", "steps"] where node[key] == nil {
      report("missing-key", node, "a route needs the key \"\(key)\"", help: Self.example[key])
    }
    if let description = node["description"], description.text == nil {
      report("mistyped-key", description, "the description is text, found \(description.kindName)")
    }
    definitions.routes.append(.init(id: readID(node), node: node, directory: directory))
  }

  /// The id of a route; a made-up one after a report, so that the rest of the route is read all the same.
  private mutating func readID(_ route: Node) -> String {
    guard let id = route["id"], checkID(id), let name = id.text else { return "route \(definitions.routes.count + 1)" }
    if let first = routePlaces[name] {
      reportDuplicate("route", id, first: first)
    } else {
      routePlaces[name] = id.location
    }
    return name
  }

  private static let example = [
    "id": "write id: a-name", "from": "write from: { rest: { path: /… } }", "steps": "write steps: [] for none",
  ]

  private mutating func checkID(_ node: Node) -> Bool {
    if let text = node.text, isIdentifier(text) { return true }
    report(
      "bad-id", node, "an id is 1 to 100 letters, digits, \"-\", \"_\" or \".\", found \(node.kindName)")
    return false
  }

  private func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }

  private mutating func report(_ code: String, _ node: Node, _ message: String, help: String? = nil) {
    problems.append(Diagnostic(code, at: node.location, message, help: help))
  }

  private mutating func reportUnknownKey(_ key: Node, of what: String, among names: [String]) {
    problems.append(.unknown("key", key, of: what, among: names))
  }

  private mutating func reportDuplicate(_ what: String, _ node: Node, first: Location) {
    problems.append(
      Diagnostic(
        "duplicate-\(what)", at: node.location, "there is a \(what) \"\(node.text ?? "")\" already",
        help: "give one of the two another name", notes: [.init(first, "it stands here first")]))
  }
}

/// Whether a text can be the id of a route or a step.
func isIdentifier(_ text: String) -> Bool {
  (1...100).contains(text.utf8.count)
    && text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
}

extension Diagnostic {
  /// A name that is none of `names`, with the nearest.
  static func unknown(_ kind: String, _ node: Node, of what: String, among names: [String]) -> Diagnostic {
    let name = node.text ?? ""
    let nearest = NearestName.of(name, among: names)
    return Diagnostic(
      "unknown-\(kind)", at: node.location,
      "\(what) has no \(kind) \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""),
      help: nearest == nil && !names.isEmpty ? "it has \(names.sorted().joined(separator: ", "))" : nil)
  }

  /// A name that nothing has, with the nearest that something has.
  static func unknownName(_ kind: String, _ node: Node, among names: [String]) -> Diagnostic {
    let name = node.text ?? ""
    let nearest = NearestName.of(name, among: names)
    return Diagnostic(
      "unknown-\(kind)", at: node.location,
      "there is no \(kind) \"\(name)\"" + (nearest.map { "; did you mean \"\($0)\"?" } ?? ""),
      help: nearest != nil
        ? nil : names.isEmpty ? "none is defined" : "there are \(names.sorted().joined(separator: ", "))")
  }
}
