internal import CXML2

/// Makes a tree of what libxml2 says while it reads. Lives as long as one call of `XMLReading.read`.
final class XMLBuilder {
  private struct Open {
    var place: Int
    var lastChild = -1
  }

  private struct Key: Hashable {
    let local: UnsafePointer<xmlChar>
    let namespace: UnsafePointer<xmlChar>?
  }

  private let limits: XMLLimits
  private let parser: xmlParserCtxtPtr
  private(set) var tree = XMLTree()
  private(set) var problem: XMLProblem?
  private var open: [Open] = []
  /// libxml2 keeps each name of a document once, so names are told apart by their addresses.
  private var names: [Key: Int32] = [:]

  init(_ limits: XMLLimits, _ parser: xmlParserCtxtPtr) {
    self.limits = limits
    self.parser = parser
  }

  /// Gives up, unless it has been given up.
  func stop(_ kind: XMLProblem.Kind) {
    if problem == nil { problem = XMLProblem(kind: kind, line: Int(parser.pointee.input?.pointee.line ?? 0)) }
    xmlStopParser(parser)
  }

  func start(
    _ local: UnsafePointer<xmlChar>, _ namespace: UnsafePointer<xmlChar>?, declared: Int, attributes: Int,
    _ values: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?
  ) {
    guard problem == nil else { return }
    guard open.count < limits.depth else {
      return stop(.tooLarge("more than \(limits.depth) elements within each other"))
    }
    guard declared + attributes <= limits.attributes else {
      return stop(.tooLarge("an element with more than \(limits.attributes) attributes"))
    }
    let first = Int32(tree.attributes.count)
    if let values {
      // Local name, prefix, namespace, and where the value begins and ends.
      for field in stride(from: 0, to: attributes * 5, by: 5) {
        guard let local = values[field], let start = values[field + 3], let end = values[field + 4] else { continue }
        let value = appendAttribute(UnsafeBufferPointer(start: start, count: end - start))
        tree.attributes.append(XMLTree.Attribute(name: name(local, values[field + 2]), value: value))
      }
    }
    let span = XMLTree.Span(start: first, end: Int32(tree.attributes.count))
    guard append(XMLTree.Node(name: name(local, namespace), span: span)) else { return }
    open.append(Open(place: tree.nodes.count - 1))
  }

  func end() { if !open.isEmpty { open.removeLast() } }

  func characters(_ bytes: UnsafeBufferPointer<xmlChar>) {
    guard problem == nil, !open.isEmpty else { return }
    let start = Int32(tree.text.count)
    tree.text.append(contentsOf: bytes)
    let end = Int32(tree.text.count)
    // libxml2 hands text over in pieces.
    let last = open[open.count - 1].lastChild
    if last >= 0, last == tree.nodes.count - 1, tree.nodes[last].name < 0, tree.nodes[last].span.end == start {
      tree.nodes[last].span.end = end
    } else {
      _ = append(XMLTree.Node(name: -1, span: XMLTree.Span(start: start, end: end)))
    }
  }

  private func append(_ node: XMLTree.Node) -> Bool {
    guard tree.nodes.count < limits.nodes else {
      stop(.tooLarge("more than \(limits.nodes) elements and texts"))
      return false
    }
    let place = tree.nodes.count
    if let parent = open.indices.last {
      let last = open[parent].lastChild
      if last < 0 { tree.nodes[open[parent].place].hasChildren = true } else { tree.nodes[last].next = Int32(place) }
      open[parent].lastChild = place
    }
    tree.nodes.append(node)
    return true
  }

  /// An ampersand comes as `&#38;`, and nothing else is left escaped: there are no entities of the document's own.
  private func appendAttribute(_ value: UnsafeBufferPointer<xmlChar>) -> XMLTree.Span {
    let start = Int32(tree.text.count)
    var rest = value[...]
    while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
      tree.text.append(contentsOf: rest[...ampersand])
      rest = rest[(ampersand + 1)...]
      if rest.starts(with: "#38;".utf8) { rest = rest.dropFirst(4) }
    }
    tree.text.append(contentsOf: rest)
    return XMLTree.Span(start: start, end: Int32(tree.text.count))
  }

  private func name(_ local: UnsafePointer<xmlChar>, _ namespace: UnsafePointer<xmlChar>?) -> Int32 {
    let key = Key(local: local, namespace: namespace)
    if let known = names[key] { return known }
    let number = Int32(tree.names.count)
    tree.names.append(
      XMLTree.Name(local: String(cString: local), namespace: namespace.map { String(cString: $0) }))
    names[key] = number
    return number
  }
}
