internal import Omnibus

/// An option that is written once, or as a list: `basic: { … }`, `basic: [{ … }, { … }]`.
struct OneOrMany<Element: OptionValue>: OptionValue {
  let elements: [Element]

  init(_ elements: [Element]) { self.elements = elements }

  static var shape: OptionShape { .either([Element.shape, .list(Element.shape)]) }

  static func decode(_ node: Node, in scope: LoadScope) -> OneOrMany? {
    guard node.elements != nil else { return Element.decode(node, in: scope).map { OneOrMany([$0]) } }
    return [Element].decode(node, in: scope).map(OneOrMany.init)
  }
}
