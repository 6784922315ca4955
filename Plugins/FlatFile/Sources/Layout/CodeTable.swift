import Omnibus

/// The codes that a column may hold, and what they stand for: a list, `[A, B]`, where each stands for itself, or a map,
/// `{ M: male, F: female }`.
struct CodeTable: OptionValue {
  /// The codes as the file has them with what they stand for, in the order in which they are written.
  let entries: [(code: String, value: String)]

  static var shape: OptionShape {
    .either([.map(String.shape), .list(String.shape)])
  }

  static func decode(_ node: Node, in scope: LoadScope) -> CodeTable? {
    if node.elements != nil {
      return [String].decode(node, in: scope).map { CodeTable(entries: $0.map { ($0, $0) }) }
    }
    return OptionMap<String>.decode(node, in: scope)
      .map { CodeTable(entries: $0.entries.map { ($0.key, $0.value) }) }
  }

  /// What a code stands for.
  func value(of code: UnsafeBufferPointer<UInt8>) -> String? {
    entries.first { $0.code.utf8.elementsEqual(code) }?.value
  }

  /// The code for a value.
  func code(of value: String) -> String? { entries.first { $0.value == value }?.code }
}
