/// A dictionary that knows which of its entries was used longest ago. All takes the same time, however many there are.
struct RecentlyUsed<Key: Hashable & Sendable, Element: Sendable>: Sendable {
  private struct Node {
    var key: Key
    var element: Element
    var newer: Int?
    var older: Int?
  }

  private var places: [Key: Int] = [:]
  /// Places of `nodes` that hold nothing.
  private var free: [Int] = []
  private var nodes: [Node?] = []
  private var newest: Int?
  private var oldest: Int?

  var count: Int { places.count }

  /// The element of a key, which counts as used by it.
  mutating func use(_ key: Key) -> Element? {
    guard let place = places[key] else { return nil }
    unlink(place)
    link(place)
    return nodes[place]?.element
  }

  /// Sets the element of a key, which counts as used by it; answers the former one.
  @discardableResult
  mutating func set(_ key: Key, _ element: Element) -> Element? {
    let former = remove(key)
    let place = free.popLast() ?? nodes.count
    let node = Node(key: key, element: element)
    if place == nodes.count { nodes.append(node) } else { nodes[place] = node }
    places[key] = place
    link(place)
    return former
  }

  @discardableResult
  mutating func remove(_ key: Key) -> Element? {
    guard let place = places.removeValue(forKey: key) else { return nil }
    unlink(place)
    defer { nodes[place] = nil }
    free.append(place)
    return nodes[place]?.element
  }

  /// Removes the entry that was used longest ago.
  mutating func removeOldest() -> Element? {
    guard let oldest, let key = nodes[oldest]?.key else { return nil }
    return remove(key)
  }

  private mutating func link(_ place: Int) {
    nodes[place]?.older = newest
    nodes[place]?.newer = nil
    if let newest { nodes[newest]?.newer = place }
    newest = place
    if oldest == nil { oldest = place }
  }

  private mutating func unlink(_ place: Int) {
    let (newer, older) = (nodes[place]?.newer, nodes[place]?.older)
    if let newer { nodes[newer]?.older = older } else { newest = older }
    if let older { nodes[older]?.newer = newer } else { oldest = newer }
  }
}
