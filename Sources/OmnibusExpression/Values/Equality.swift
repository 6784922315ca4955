import Omnibus

extension Frame {
  /// CEL's `==` (cel-spec, "Equality"): values of different types are not equal, numbers compare by value whatever
  /// their types.
  mutating func equal(_ a: Value, _ b: Value) throws(Fault) -> Bool {
    try charge(1)
    let a = a.resolved
    let b = b.resolved
    switch (a, b) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.string(let a), .string(let b)): return a.isSame(as: b)
    case (.bytes(let a), .bytes(let b)): return a == b
    case (.timestamp(let a), .timestamp(let b)): return a == b
    case (.duration(let a), .duration(let b)): return a == b
    case (.type(let a), .type(let b)): return a == b
    case (.optional(let a), .optional(let b)):
      guard let a, let b else { return a == nil && b == nil }
      return try equal(a, b)
    default: break
    }
    if let a = Number(a), let b = Number(b) { return a.compare(b) == 0 }
    if let a = a.elements, let b = b.elements { return try equalLists(a, b) }
    if a.members != nil, b.members != nil { return try equalMaps(a, b) }
    return false
  }

  private mutating func equalLists(_ a: [Value], _ b: [Value]) throws(Fault) -> Bool {
    guard a.count == b.count else { return false }
    for place in a.indices where try !equal(a[place], b[place]) { return false }
    return true
  }

  private mutating func equalMaps(_ a: Value, _ b: Value) throws(Fault) -> Bool {
    guard let entries = a.members, entries.count == b.elementCount else { return false }
    for (key, value) in entries {
      try charge(entries.count / 8)
      guard let other = b.value(for: key), try equal(value, other) else { return false }
    }
    return true
  }
}

extension Value {
  /// The value under `key` of a map; keys that are numbers compare by value (cel-spec, "Field Selection").
  func value(for key: Value) -> Value? {
    if case .json(let node) = self {
      guard let name = key.string else { return nil }
      return node.member(name).map(Value.json)
    }
    guard case .map(let map) = self else { return nil }
    switch key.resolved {
    case .string(let name): return map[name]
    case .bool(let wanted):
      return map.entries.first { if case .bool(wanted) = $0.key { true } else { false } }?.value
    case let key:
      guard let wanted = Number(key) else { return nil }
      return map.entries.first { Number($0.key)?.compare(wanted) == 0 }?.value
    }
  }
}
