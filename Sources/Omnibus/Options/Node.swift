/// A piece of a YAML file that knows where it stands. Scalars are text; what they mean is for options to say.
public struct Node: Sendable {
  /// What a node holds.
  public enum Value: Sendable {
    /// Text, and whether it stood there without quotes.
    case scalar(String, plain: Bool)
    case sequence([Node])
    /// Keys are scalars, and unique; merge keys have been applied.
    case mapping([(key: Node, value: Node)])
  }

  /// What stands there.
  public var value: Value
  /// Where it starts, reaching to the end of a scalar on one line.
  public var location: Location
  /// How many columns after `location` a scalar's text begins: 1 within quotes, 0 without; nil where text and source
  /// differ (escapes, block scalars), so that places within the text cannot be told.
  public var textOffset: Int?

  /// A node at a place.
  public init(_ value: Value, at location: Location, textOffset: Int? = 0) {
    self.value = value
    self.location = location
    self.textOffset = textOffset
  }

  /// The text of a scalar.
  public var text: String? { if case .scalar(let text, _) = value { text } else { nil } }

  /// The elements of a sequence.
  public var elements: [Node]? { if case .sequence(let nodes) = value { nodes } else { nil } }

  /// The entries of a mapping.
  public var entries: [(key: Node, value: Node)]? { if case .mapping(let entries) = value { entries } else { nil } }

  /// Whether nothing is written: an empty plain scalar, `~` or `null`.
  public var isNull: Bool {
    if case .scalar(let text, plain: true) = value { ["", "~", "null", "Null", "NULL"].contains(text) } else { false }
  }

  /// The value under `key` of a mapping.
  public subscript(_ key: String) -> Node? { entries?.first { $0.key.text == key }?.value }

  /// Whether it, or something in it, is written with `${ }`: what that stands for may be a secret, and is in no diagnostic.
  public var holdsReference: Bool {
    switch value {
    case .scalar(let text, _): text.contains("${")
    case .sequence(let nodes): nodes.contains(where: \.holdsReference)
    case .mapping(let entries): entries.contains { $0.value.holdsReference }
    }
  }

  /// What stands there, in words: `a list`.
  public var kindName: String {
    switch value {
    case .scalar where isNull: "nothing"
    case .scalar(let text, _): "\"\(text.prefix(40))\""
    case .sequence: "a list"
    case .mapping: "a map"
    }
  }
}
