import Omnibus

extension Value {
  /// The name of the value's type, as CEL's `type()` gives it (cel-spec, "Values"). A number of JSON that is no whole
  /// number that fits is a `decimal`, a type of this program: it compares with and computes with all others.
  var typeName: String {
    switch self {
    case .null: "null_type"
    case .bool: "bool"
    case .int: "int"
    case .uint: "uint"
    case .double: "double"
    case .decimal: "decimal"
    case .string: "string"
    case .bytes: "bytes"
    case .list: "list"
    case .map: "map"
    case .timestamp: "google.protobuf.Timestamp"
    case .duration: "google.protobuf.Duration"
    case .type: "type"
    case .optional: "optional_type"
    case .json(let node):
      switch node.kind {
      case .array: "list"
      case .object: "map"
      case .null: "null_type"
      case .false, .true: "bool"
      case .string: "string"
      case .decimal: "decimal"
      case .integer: resolved.typeName == "int" ? "int" : "decimal"
      }
    }
  }

  /// The elements of a list; nil for others.
  var elements: [Value]? {
    switch self {
    case .list(let elements): return elements
    case .json(let node) where node.kind == .array:
      var elements: [Value] = []
      elements.reserveCapacity(node.count)
      node.forEachElement { elements.append(.json($0)) }
      return elements
    default: return nil
    }
  }

  /// The entries of a map; nil for others. Of a JSON name that comes twice the last value counts.
  var members: [(key: Value, value: Value)]? {
    switch self {
    case .map(let map): return map.entries
    case .json(let node) where node.kind == .object:
      var names: [[UInt8]: Int] = [:]
      var entries: [(key: Value, value: Value)] = []
      entries.reserveCapacity(node.count)
      node.forEachMember { name, value in
        if let place = names.updateValue(entries.count, forKey: Array(name.utf8)) {
          names[Array(name.utf8)] = place
          entries[place].value = .json(value)
        } else {
          entries.append((.string(name), .json(value)))
        }
      }
      return entries
    default: return nil
    }
  }

  /// How many elements or entries there are; nil for others.
  var elementCount: Int? {
    switch self {
    case .list(let elements): elements.count
    case .map(let map): map.count
    case .json(let node) where node.kind == .array: node.count
    case .json(let node) where node.kind == .object: members?.count
    default: nil
    }
  }
}

extension String {
  /// Whether both have the same scalars. `==` of Swift takes some different ones for equal.
  func isSame(as other: String) -> Bool { utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8) }
}
