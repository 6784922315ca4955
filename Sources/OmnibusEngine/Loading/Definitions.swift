internal import Omnibus

/// What all route files together define, read from YAML and not yet built.
struct Definitions {
  /// A named connection or resource: one component's name and its options.
  struct Named {
    let name: Node
    let component: Node
    let options: Node
  }

  /// A route as it is written: any of its keys may be missing, which was reported then.
  struct Route {
    let id: String
    let node: Node
    /// The folder of its file.
    let directory: String

    var from: Node? { node["from"] }
    var middleware: Node? { node["middleware"] }
    var steps: Node? { node["steps"] }
    var description: String? { node["description"]?.text }
  }

  var connections: [String: Named] = [:]
  var resources: [String: Named] = [:]
  var routes: [Route] = []
}
