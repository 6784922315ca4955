/// One column of a layout, ready to be read and written.
struct Column: Sendable {
  /// What a field has to be.
  enum Content: Sendable {
    case string
    case integer
    case decimal
    case boolean(whenTrue: [[UInt8]], whenFalse: [[UInt8]])
    case date(DateFormat)
  }

  /// The name of the member.
  var name: String
  /// The name in the header.
  var header: String
  /// What a field has to be.
  var content: Content
  /// Whether a field may not be empty.
  var isRequired: Bool
  /// Whether the layout declares it; the name of one that does not comes from the file, and stays out of messages.
  var isDeclared: Bool

  /// What a field has to be, in words for messages.
  var expectation: String {
    switch content {
    case .string: "text"
    case .integer: "a whole number"
    case .decimal: "a number"
    case .boolean(let whenTrue, let whenFalse):
      "one of " + (whenTrue + whenFalse).map { String(decoding: $0, as: UTF8.self) }.joined(separator: ", ")
    case .date(let format): "a date as \(format.text)"
    }
  }
}
