internal import Omnibus
internal import OmnibusExpression

/// Where the parts of a message come from.
enum PartSource: Sendable {
  /// The elements of a list.
  case list(Selection)
  /// The body, cut by a splitter.
  case splitter(any Splitter)

  /// Starts reading the parts. A stream is claimed: it can be read once.
  func reader(for message: inout Message, _ context: Context) throws(Failure) -> any PartReader {
    switch self {
    case .list(let selection):
      return try ListReader(selection.evaluate(&message, context))
    case .splitter(let splitter):
      if case .stream(let stream) = message.body { try stream.claim() }
      return try splitter.parts(of: message.body, headers: message.headers, context)
    }
  }
}

/// Reads the elements of a list.
private struct ListReader: PartReader {
  private enum Elements {
    case values([Value])
    case json(JSONElements)
  }

  private var elements: Elements
  private var count = 0

  init(_ value: Value) throws(Failure) {
    switch value {
    case .list(let values):
      elements = .values(values)
    case .json(let node) where node.kind == .array:
      elements = .json(JSONElements(of: node))
    default:
      throw Failure(.invalid, "each gave \(value.kindName), expected a list")
    }
  }

  mutating func nextReady() -> Part? {
    guard let value = nextValue() else { return nil }
    count += 1
    return Part(.document(JSONDocument(value)), number: count)
  }

  mutating func refill() -> Bool { false }

  private mutating func nextValue() -> Value? {
    switch elements {
    case .values(let values): return count < values.count ? values[count] : nil
    case .json(var rest):
      let node = rest.next()
      elements = .json(rest)
      return node.map(Value.json)
    }
  }
}
