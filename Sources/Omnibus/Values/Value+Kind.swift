extension Value {
  /// What sort of value it is, in words for messages.
  public var kindName: String {
    switch self {
    case .null: "null"
    case .bool: "a bool"
    case .int, .uint: "a whole number"
    case .double, .decimal: "a number"
    case .string: "a string"
    case .bytes: "bytes"
    case .list: "a list"
    case .map: "a map"
    case .timestamp: "a timestamp"
    case .duration: "a duration"
    case .type: "a type"
    case .optional: "an optional value"
    case .json(let node):
      switch node.kind {
      case .null: "null"
      case .true, .false: "a bool"
      case .integer: "a whole number"
      case .decimal: "a number"
      case .string: "a string"
      case .array: "a list"
      case .object: "a map"
      }
    }
  }
}
