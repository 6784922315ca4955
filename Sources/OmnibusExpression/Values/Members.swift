import Omnibus

extension Frame {
  /// `operand.name`; an absent name is a fault (cel-spec, "Field Selection").
  mutating func select(_ operand: Value, _ name: String) throws(Fault) -> Value {
    if case .optional(let inner) = operand { return .optional(try selectOptional(inner, name)) }
    if case .json(let node) = operand { try charge(passing: node.count) }
    if let value = operand.member(name) { return value }
    guard operand.isMap else {
      throw Fault("a value of type \(operand.typeName) does not support field selection: no member \"\(name)\"")
    }
    throw Fault("no such key: \"\(name)\"")
  }

  /// `operand.?name`: nil where it is absent.
  mutating func selectOptional(_ operand: Value?, _ name: String) throws(Fault) -> Value? {
    guard let operand else { return nil }
    if case .optional(let inner) = operand { return try selectOptional(inner, name) }
    if case .json(let node) = operand { try charge(passing: node.count) }
    if let value = operand.member(name) { return value }
    guard operand.isMap else {
      throw Fault("a value of type \(operand.typeName) does not support field selection: no member \"\(name)\"")
    }
    return nil
  }

  /// `has(operand.name)`.
  mutating func has(_ operand: Value, _ name: String) throws(Fault) -> Bool { try selectOptional(operand, name) != nil }

  /// `operand[index]`.
  mutating func index(_ operand: Value, _ index: Value) throws(Fault) -> Value {
    if case .optional(let inner) = operand { return .optional(try indexOptional(inner, index)) }
    if let value = try element(operand, index) { return value }
    throw Fault(operand.isMap ? "no such key" : "index out of bounds")
  }

  /// `operand[?index]`: nil where it is absent.
  mutating func indexOptional(_ operand: Value?, _ index: Value) throws(Fault) -> Value? {
    guard let operand else { return nil }
    if case .optional(let inner) = operand { return try indexOptional(inner, index) }
    return try element(operand, index)
  }

  private mutating func element(_ operand: Value, _ index: Value) throws(Fault) -> Value? {
    if operand.isMap {
      if case .json(let node) = operand { try charge(passing: node.count) }
      return operand.value(for: index)
    }
    guard case .list(let elements) = operand else {
      guard case .json(let node) = operand, node.kind == .array else {
        throw Fault("a value of type \(operand.typeName) has no elements (no such overload)")
      }
      let place = try Self.place(index)
      // An element is reached by passing over those before it.
      try charge(min(max(place, 0), node.count) / 8)
      return node.element(place).map(Value.json)
    }
    let place = try Self.place(index)
    return elements.indices.contains(place) ? elements[place] : nil
  }

  /// The whole number that indexes a list, of whatever type.
  private static func place(_ index: Value) throws(Fault) -> Int {
    switch index.resolved {
    case .int(let value): return Int(value)
    case .uint(let value): return Int(clamping: value)
    case .double(let value):
      guard let place = Int(exactly: value) else { throw Fault("a list is indexed by whole numbers") }
      return place
    case .decimal(let value):
      guard let place = value.truncated(to: Int.self), Number.decimal(value).compare(.int(Int64(place))) == 0 else {
        throw Fault("a list is indexed by whole numbers")
      }
      return place
    case let other: throw Fault("a list is indexed by whole numbers, found \(other.typeName) (no such overload)")
    }
  }

  /// `needle in haystack`.
  mutating func contains(_ needle: Value, in haystack: Value) throws(Fault) -> Bool {
    if haystack.isMap {
      if case .json(let node) = haystack { try charge(passing: node.count) }
      return haystack.value(for: needle) != nil
    }
    guard let elements = haystack.elements else { throw .noSuchOverload }
    for element in elements where try equal(needle, element) { return true }
    return false
  }
}

extension Value {
  /// Whether it is a map or an object of JSON.
  var isMap: Bool {
    switch self {
    case .map: true
    case .json(let node): node.kind == .object
    default: false
    }
  }
}
