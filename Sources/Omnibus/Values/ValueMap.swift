/// A map in the order of insertion. Keys are CEL's: strings, ints, uints, bools.
public struct ValueMap: Sendable {
  /// The entries in order; no two keys are equal.
  public private(set) var entries: [(key: Value, value: Value)] = []

  /// An empty map.
  public init() {}

  /// A map with string keys; of two equal names the later value is kept.
  public init(_ members: [(String, Value)]) {
    entries.reserveCapacity(members.count)
    for (name, value) in members { self[name] = value }
  }

  /// How many entries there are.
  public var count: Int { entries.count }

  /// The value under a string key; setting nil removes it.
  public subscript(_ name: String) -> Value? {
    get { place(name).map { entries[$0].value } }
    set {
      switch (place(name), newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append((.string(name), value))
      case (nil, nil): break
      }
    }
  }

  /// Appends an entry whose key is known to be new.
  public mutating func append(uniqueKey key: Value, _ value: Value) { entries.append((key, value)) }

  private func place(_ name: String) -> Int? {
    entries.firstIndex { entry in
      guard case .string(let key) = entry.key else { return false }
      // Not `==`, which takes strings for equal that differ in their scalars.
      return key.utf8.elementsEqual(name.utf8)
    }
  }
}
