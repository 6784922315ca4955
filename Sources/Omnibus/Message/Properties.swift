/// What steps tell later steps of the same route. A handful of entries, so a list beats a dictionary.
public struct Properties: Sendable {
  /// The entries, in the order in which their names were first set.
  public private(set) var entries: [(name: String, value: Value)] = []

  /// No properties.
  public init() {}

  /// The value of `name`; setting nil removes it.
  public subscript(_ name: String) -> Value? {
    get { entries.first { $0.name == name }?.value }
    set {
      let place = entries.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append((name, value))
      case (nil, nil): break
      }
    }
  }
}
