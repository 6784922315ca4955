/// What steps tell later steps of the same route. A handful of entries, so a list beats a dictionary.
public struct Properties: Sendable {
  private var list: [(name: String, value: Value)] = []
  /// Which part of a split this is, the property `part`: a value is made of it only where it is asked for, as most parts
  /// of a file of millions never are. It comes before what `part` was set to as a value.
  public var part: PartPlace?

  /// No properties.
  public init() {}

  /// The entries, in the order in which their names were first set; the part is the last.
  public var entries: [(name: String, value: Value)] {
    guard let part else { return list }
    return list.filter { $0.name != "part" } + [("part", part.value)]
  }

  /// The value of `name`; setting nil removes it.
  public subscript(_ name: String) -> Value? {
    get {
      if let part, name == "part" { return part.value }
      return list.first { $0.name == name }?.value
    }
    set {
      if name == "part" { part = nil }
      let place = list.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): list[place].value = value
      case (let place?, nil): list.remove(at: place)
      case (nil, let value?): list.append((name, value))
      case (nil, nil): break
      }
    }
  }
}
