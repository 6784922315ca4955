internal import Omnibus
internal import OmnibusExpression

/// An expression by which messages that belong together have the same key, such as `headers["x-partner"]`.
struct StateKey: OptionValue {
  /// Keys are kept, so none may take much room.
  static let maxBytes = 1024

  private let selection: Selection

  static var shape: OptionShape { Selection.shape }

  static func decode(_ node: Node, in scope: LoadScope) -> StateKey? {
    Selection.decode(node, in: scope).map(StateKey.init)
  }

  /// The key of a message; fails as `invalid` where that is null, or too long.
  func text(_ message: inout Message, _ context: Context) async throws -> String {
    if selection.readsBody { try await message.decodeAside(context) }
    let text: String
    switch try selection.evaluate(&message, context).resolved {
    case .null: throw Failure(.invalid, "the key is null, expected a value")
    // The quote keeps the text "1" apart from the number.
    case .string(let string): text = "\"\(string)"
    case let value: text = String(decoding: try value.jsonBytes(), as: UTF8.self)
    }
    guard text.utf8.count <= Self.maxBytes else {
      throw Failure(.invalid, "the key has more than \(Self.maxBytes) bytes")
    }
    return text
  }
}
