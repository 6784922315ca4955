import Omnibus

/// Makes a map whose keys are checked: of a type that keys have, and none twice.
struct MapBuilder {
  private enum Key: Hashable {
    case bool(Bool)
    case number(Int128)
    case string([UInt8])
  }

  private(set) var map = ValueMap()
  private var keys: Set<Key> = []

  /// Adds an entry.
  mutating func append(_ key: Value, _ value: Value) throws(Fault) {
    guard keys.insert(try Self.key(key)).inserted else { throw Fault("a key comes twice in the map (repeated key)") }
    map.append(uniqueKey: key.resolved, value)
  }

  /// Refuses what cannot be a key.
  static func check(_ key: Value) throws(Fault) { _ = try self.key(key) }

  private static func key(_ key: Value) throws(Fault) -> Key {
    switch key.resolved {
    case .bool(let value): return .bool(value)
    case .int(let value): return .number(Int128(value))
    case .uint(let value): return .number(Int128(value))
    case .string(let value): return .string(Array(value.utf8))
    case let other: throw Fault("unsupported key type: \(other.typeName)")
    }
  }
}
