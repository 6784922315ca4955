/// What is known of a value before it is there (cel-spec, "Gradual Type Checking"). Only the outermost type is ever
/// compared: what a list or a map holds shows when it is read.
indirect enum ExpressionType: Sendable, Equatable {
  /// Anything.
  case dyn
  case null, bool, int, uint, double, decimal, string, bytes, timestamp, duration, type
  case list(ExpressionType)
  case map(ExpressionType)
  case optional(ExpressionType)

  /// Whether a value of this type can be one of `other`.
  func canBe(_ other: ExpressionType) -> Bool {
    switch (self, other) {
    case (.dyn, _), (_, .dyn), (.list, .list), (.map, .map), (.optional, .optional): true
    default: self == other
    }
  }

  /// Whether the type is one of numbers.
  var isNumber: Bool { [.int, .uint, .double, .decimal].contains(self) }

  /// The type of values that are of this type or of `other`.
  func joined(_ other: ExpressionType) -> ExpressionType { self == other ? self : .dyn }

  /// The elements of a list, the keys of a map.
  var element: ExpressionType {
    switch self {
    case .list(let element): element
    case .map: .dyn
    default: .dyn
    }
  }

  /// As it is called in messages.
  var name: String {
    switch self {
    case .dyn: "any"
    case .null: "null"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .decimal: "decimal"
    case .string: "string"
    case .bytes: "bytes"
    case .timestamp: "timestamp"
    case .duration: "duration"
    case .type: "type"
    case .list: "list"
    case .map: "map"
    case .optional: "optional"
    }
  }
}
