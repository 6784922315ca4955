/// An element of a document: a view that costs no copy.
public struct XMLElement: Sendable {
  private let shared: SharedTree
  private let place: Int

  init(_ shared: SharedTree, _ place: Int) {
    self.shared = shared
    self.place = place
  }

  private var node: XMLTree.Node { shared.tree.nodes[place] }

  /// Its name without a prefix.
  public var name: String { shared.tree.names[Int(node.name)].local }

  /// The URI of its namespace; nil for none.
  public var namespace: String? { shared.tree.names[Int(node.name)].namespace }

  /// The text that lies directly in it, CDATA sections included, without that of elements within it.
  public var text: String {
    var text = ""
    for place in nodes where shared.tree.nodes[place].name < 0 {
      text += shared.tree.string(shared.tree.nodes[place].span)
    }
    return text
  }

  /// The elements that lie directly in it, in order.
  public var children: some Sequence<XMLElement> {
    let shared = shared
    return nodes.lazy.filter { shared.tree.nodes[$0].name >= 0 }.map { XMLElement(shared, $0) }
  }

  /// The elements `name` that lie directly in it, in order, whatever their namespace is unless one is given.
  public func children(_ name: String, namespace: String? = nil) -> some Sequence<XMLElement> {
    children.lazy.filter { $0.name == name && (namespace == nil || $0.namespace == namespace) }
  }

  /// The first element `name` that lies directly in it, whatever its namespace is; nil where there is none.
  public subscript(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  /// The first element `name` within it, however deep and whatever its namespace is; nil where there is none.
  public func descendant(_ name: String) -> XMLElement? {
    for child in children {
      if child.name == name { return child }
      if let found = child.descendant(name) { return found }
    }
    return nil
  }

  /// The value of the attribute `name` without a namespace, or in the given one; nil where there is none.
  public func attribute(_ name: String, namespace: String? = nil) -> String? {
    let wanted = XMLTree.Name(local: name, namespace: namespace)
    return shared.tree.attributes[Int(node.span.start)..<Int(node.span.end)]
      .first { shared.tree.names[Int($0.name)] == wanted }
      .map { shared.tree.string($0.value) }
  }

  /// The places of the nodes that lie directly in it.
  private var nodes: some Sequence<Int> {
    sequence(state: node.hasChildren ? place + 1 : -1) { [shared] (next: inout Int) -> Int? in
      guard next >= 0 else { return nil }
      defer { next = Int(shared.tree.nodes[next].next) }
      return next
    }
  }
}
