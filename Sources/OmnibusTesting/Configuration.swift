public import Omnibus

/// Options and steps as a route file would give them, for components that are tested by themselves. Written as Swift
/// literals: `["that": "body.id != ''", "message": "id is missing"]`.
public struct Configuration: Sendable {
  /// The node, at line 1 and column 1.
  public let node: Node

  /// A mapping, in the order of `entries`.
  public init(entries: [(String, Configuration)]) {
    self.init(.mapping(entries.map { (Configuration(stringLiteral: $0.0).node, $0.1.node) }))
  }

  /// A sequence.
  public init(elements: [Configuration]) { self.init(.sequence(elements.map(\.node))) }

  init(_ value: Node.Value) { node = Node(value, at: Location(file: "test.yaml", line: 1, column: 1)) }
}

extension Configuration: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
  /// A plain scalar.
  public init(stringLiteral text: String) { self.init(.scalar(text, plain: true)) }
  /// A plain scalar.
  public init(integerLiteral number: Int) { self.init(.scalar("\(number)", plain: true)) }
  /// A plain scalar.
  public init(booleanLiteral flag: Bool) { self.init(.scalar("\(flag)", plain: true)) }
}

extension Configuration: ExpressibleByStringInterpolation {}

extension Configuration: ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral {
  /// A sequence.
  public init(arrayLiteral elements: Configuration...) { self.init(.sequence(elements.map(\.node))) }

  /// A mapping, in the order of the literal.
  public init(dictionaryLiteral elements: (String, Configuration)...) {
    self.init(entries: elements)
  }
}
