/// The endpoints of a listener as a tree of path segments; never changes.
final class EndpointTable: Sendable {
  /// What a method and a path lead to.
  enum Match {
    case endpoint(EndpointSlot, captures: [(name: String, value: String)])
    /// The path is served, the method is not: the methods that are.
    case otherMethods([String])
    case nothing
  }

  private struct Node {
    /// Sorted by their bytes.
    var literals: [(bytes: [UInt8], child: Int)] = []
    var capture: Int?
    /// Endpoints whose pattern ends here, oldest first.
    var slots: [EndpointSlot] = []
    /// Endpoints whose pattern ends here in a capture of all that is left, oldest first.
    var restSlots: [EndpointSlot] = []
  }

  private let nodes: [Node]

  /// A table of `slots`, of which later ones go before earlier ones of the same pattern and method.
  init(_ slots: [EndpointSlot]) {
    var nodes = [Node()]
    for slot in slots { Self.insert(slot, into: &nodes) }
    self.nodes = nodes
  }

  /// Finds the endpoint for a request.
  func match(method: String, path: String) -> Match {
    var path = path
    return path.withUTF8 { path in
      var search = Search(nodes: nodes, method: method, path: path)
      if let slot = search.visit(0, at: 1) {
        return .endpoint(slot, captures: Self.captures(slot, path, search.captures))
      }
      return search.methods.isEmpty ? .nothing : .otherMethods(search.methods)
    }
  }

  private static func insert(_ slot: EndpointSlot, into nodes: inout [Node]) {
    var node = 0
    for segment in slot.endpoint.path.segments {
      switch segment {
      case .literal(let bytes):
        let place = nodes[node].literals.partitionPoint { !$0.bytes.lexicographicallyPrecedes(bytes) }
        if place < nodes[node].literals.count, nodes[node].literals[place].bytes == bytes {
          node = nodes[node].literals[place].child
        } else {
          nodes.append(Node())
          nodes[node].literals.insert((bytes, nodes.count - 1), at: place)
          node = nodes.count - 1
        }
      case .capture:
        if nodes[node].capture == nil {
          nodes.append(Node())
          nodes[node].capture = nodes.count - 1
        }
        node = nodes[node].capture ?? node
      case .rest:
        nodes[node].restSlots.append(slot)
        return
      }
    }
    nodes[node].slots.append(slot)
  }

  private static func captures(
    _ slot: EndpointSlot, _ path: UnsafeBufferPointer<UInt8>, _ places: [Range<Int>]
  ) -> [(name: String, value: String)] {
    guard !places.isEmpty else { return [] }
    return zip(slot.captureNames, places).map { name, place in
      let bytes = path[place]
      guard bytes.contains(0x25) else { return (name, String(decoding: bytes, as: UTF8.self)) }
      return (name, String(decoding: PercentEncoding.decode(bytes) ?? Array(bytes), as: UTF8.self))
    }
  }

  /// One walk through the tree. Each node is visited once at most, because each is reached by one pattern only.
  private struct Search {
    let nodes: [Node]
    let method: String
    let path: UnsafeBufferPointer<UInt8>
    var captures: [Range<Int>] = []
    var methods: [String] = []

    /// The endpoint for the rest of the path from `start` on, which is behind a slash, below `place`.
    mutating func visit(_ place: Int, at start: Int) -> EndpointSlot? {
      guard start <= path.count else { return select(nodes[place].slots) }
      let end = path[start...].firstIndex(of: 0x2F) ?? path.count
      if let child = literal(nodes[place].literals, start..<end), let slot = visit(child, at: end + 1) { return slot }
      if end > start, let child = nodes[place].capture {
        captures.append(start..<end)
        if let slot = visit(child, at: end + 1) { return slot }
        captures.removeLast()
      }
      guard let slot = select(nodes[place].restSlots) else { return nil }
      captures.append(start..<path.count)
      return slot
    }

    private func literal(_ literals: [(bytes: [UInt8], child: Int)], _ range: Range<Int>) -> Int? {
      guard !literals.isEmpty else { return nil }
      let segment = path[range]
      let found: Int
      if segment.contains(0x25), let decoded = PercentEncoding.decode(segment) {
        found = literals.partitionPoint { !$0.bytes.lexicographicallyPrecedes(decoded) }
        return found < literals.count && literals[found].bytes == decoded ? literals[found].child : nil
      }
      found = literals.partitionPoint { !$0.bytes.lexicographicallyPrecedes(segment) }
      return found < literals.count && literals[found].bytes.elementsEqual(segment) ? literals[found].child : nil
    }

    /// The newest endpoint of the method, else of any method, else that of `GET` for `HEAD`.
    private mutating func select(_ slots: [EndpointSlot]) -> EndpointSlot? {
      guard !slots.isEmpty else { return nil }
      let found =
        slots.last { $0.endpoint.method == method } ?? slots.last { $0.endpoint.method == nil }
        ?? (method == "HEAD" ? slots.last { $0.endpoint.method == "GET" } : nil)
      if found == nil {
        for case let other? in slots.map(\.endpoint.method) where !methods.contains(other) {
          methods.append(other)
          if other == "GET", !methods.contains("HEAD") { methods.append("HEAD") }
        }
      }
      return found
    }
  }
}

extension Array {
  /// The first place whose element satisfies `belongsAfter`, where all that do come after all that do not.
  fileprivate func partitionPoint(_ belongsAfter: (Element) -> Bool) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if belongsAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
