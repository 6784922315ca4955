internal import Omnibus

extension Node {
  /// This node with what `other` says over it: maps merge by their keys, all else is replaced. A map over which nothing
  /// is written stays.
  func overridden(by other: Node) -> Node {
    guard var merged = entries else { return other }
    guard !other.isNull else { return self }
    guard let others = other.entries else { return other }
    for (key, value) in others {
      if let index = merged.firstIndex(where: { $0.key.text == key.text }) {
        merged[index] = (key, merged[index].value.overridden(by: value))
      } else {
        merged.append((key, value))
      }
    }
    return Node(.mapping(merged), at: location)
  }
}
