/// The elements of an array in an indexed JSON text, one after another.
public struct JSONElements: Sequence, IteratorProtocol {
  private let text: JSONText
  private var index: Int
  private let end: Int

  /// The elements of `node`; none where it is no array.
  public init(of node: JSONNode) {
    text = node.text
    end = node.kind == .array ? text.next(after: node.index) : node.index
    index = node.kind == .array ? node.index + 2 : end
  }

  /// The next element.
  public mutating func next() -> JSONNode? {
    guard index < end else { return nil }
    defer { index = text.next(after: index) }
    return JSONNode(text: text, index: index)
  }
}
