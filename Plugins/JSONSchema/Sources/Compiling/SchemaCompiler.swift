import Omnibus

/// Makes a program of a schema and of all that it refers to.
final class SchemaCompiler {
  let library: SchemaLibrary
  let checksFormats: Bool
  var tables = SchemaTables()
  private var numbers: [SchemaPlace: Int32] = [:]
  private var waiting: [(place: SchemaPlace, resource: Int, node: Int32)] = []
  /// Nodes that look at the same value, for finding those that lead back to themselves.
  private var sameValue: [[(node: Int32, place: Int32)]] = []
  private var anchorNumbers: [String: Int32] = [:]
  /// Schemas that references lead to and no keyword does: nobody has checked them.
  private(set) var unchecked: [(place: SchemaPlace, resource: Int)] = []
  private(set) var problems: [Diagnostic] = []

  static let maxNodes = 200_000

  init(_ library: SchemaLibrary, checksFormats: Bool) {
    self.library = library
    self.checksFormats = checksFormats
  }

  /// Compiles the schema of a resource, and all that it leads to; nil after a report.
  func compile(_ resource: Int, name: String, showsAllNames: Bool) -> SchemaProgram? {
    let found = library.resources[resource]
    let root = node(SchemaPlace(document: found.document.number, index: found.root), resource)
    compileWaiting()
    compileAnchors()
    findEndless()
    guard problems.isEmpty, library.problems.isEmpty else { return nil }
    return SchemaProgram(tables, root: root, library.documents, name: name, showsAllNames: showsAllNames)
  }

  private func compileWaiting() {
    while let next = waiting.popLast(), problems.count < 100 { compile(next.place, next.resource, next.node) }
  }

  /// The nodes of dynamic anchors: those of all resources, for any may be on the way to where one is asked for.
  private func compileAnchors() {
    var done: Set<SchemaPlace> = []
    var isNew = true
    while isNew {
      isNew = false
      // New ones may lead to documents that were not known before.
      for (number, resource) in library.resources.enumerated() {
        for (anchor, index) in resource.dynamicAnchors where anchorNumbers[anchor] != nil {
          let place = SchemaPlace(document: resource.document.number, index: index)
          guard done.insert(place).inserted else { continue }
          _ = node(place, number)
          isNew = true
        }
      }
      compileWaiting()
    }
    tables.anchors = Array(repeating: Array(repeating: -1, count: library.resources.count), count: anchorNumbers.count)
    for (number, resource) in library.resources.enumerated() {
      for (anchor, index) in resource.dynamicAnchors {
        guard let name = anchorNumbers[anchor] else { continue }
        tables.anchors[Int(name)][number] = node(SchemaPlace(document: resource.document.number, index: index), number)
      }
    }
  }

  // MARK: nodes

  /// The node of the schema at a place, which is compiled later where it is new. `resource` is that of what leads there.
  func node(_ place: SchemaPlace, _ resource: Int) -> Int32 {
    if let known = numbers[place] { return known }
    let number = Int32(tables.nodes.count)
    numbers[place] = number
    tables.nodes.append(SchemaNode())
    sameValue.append([])
    guard tables.nodes.count <= Self.maxNodes else {
      if tables.nodes.count == Self.maxNodes + 1 {
        let document = library.documents[place.document]
        report(document, place.index, "the schema and those that it names are more than \(Self.maxNodes)")
      }
      return number
    }
    waiting.append((place, library.resource(at: place) ?? resource, number))
    return number
  }

  private func compile(_ place: SchemaPlace, _ resource: Int, _ number: Int32) {
    let document = library.documents[place.document]
    var node = SchemaNode()
    node.resource = Int32(resource)
    node.place = self.place(document, place.index)
    switch document.view.rawKind(place.index) {
    case 2: node.outcome = .always
    case 1: node.outcome = .never
    default:
      var schema = SchemaBody(self, document, resource, node: number)
      schema.read(place.index)
      schema.finish(&node)
    }
    tables.nodes[Int(number)] = node
  }

  // MARK: what bodies of schemas need

  /// The number of a place.
  func place(_ document: SchemaDocument, _ index: Int) -> Int32 {
    tables.places.append(SchemaProgram.Constant(document: Int32(document.number), index: Int32(index)))
    return Int32(tables.places.count - 1)
  }

  /// The number of a name of a dynamic anchor.
  func anchor(_ name: String) -> Int32 {
    if let known = anchorNumbers[name] { return known }
    let number = Int32(anchorNumbers.count)
    anchorNumbers[name] = number
    return number
  }

  /// The node that a reference names; nil after a report.
  func target(
    of reference: String, in resource: Int, _ document: SchemaDocument, _ index: Int
  ) -> (node: Int32, dynamicAnchor: String?)? {
    do throws(SchemaFiles.Refusal) {
      let target = try library.resolve(reference, in: resource)
      if !target.isKnown { unchecked.append((target.place, target.resource)) }
      return (node(target.place, target.resource), target.dynamicAnchor)
    } catch {
      problems.append(
        Diagnostic("unknown-schema", at: document.location(of: index), error.message, help: error.help))
      return nil
    }
  }

  /// Notes that a node looks at the same value as another that it leads to.
  func note(_ node: Int32, leadsTo other: Int32, at place: Int32) { sameValue[Int(node)].append((other, place)) }

  func report(_ document: SchemaDocument, _ index: Int, _ message: String) {
    problems.append(Diagnostic("invalid-schema", at: document.location(of: index), message))
  }

  // MARK: schemas that never end

  /// Reports schemas that lead back to themselves while they look at the same value.
  private func findEndless() {
    enum State { case new, open, done }
    var states = Array(repeating: State.new, count: sameValue.count)
    for start in sameValue.indices where states[start] == .new {
      var path: [(node: Int, next: Int)] = [(start, 0)]
      states[start] = .open
      while let (node, next) = path.last {
        guard next < sameValue[node].count else {
          states[node] = .done
          path.removeLast()
          continue
        }
        path[path.count - 1].next += 1
        let edge = sameValue[node][next]
        switch states[Int(edge.node)] {
        case .new:
          states[Int(edge.node)] = .open
          path.append((Int(edge.node), 0))
        case .open:
          let place = tables.places[Int(edge.place)]
          report(
            library.documents[Int(place.document)], Int(place.index),
            "the schema leads back to itself without going on to a part of the value")
        case .done: break
        }
      }
    }
  }
}
