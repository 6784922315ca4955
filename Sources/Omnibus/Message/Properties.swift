/// What steps tell later steps of the same route. A handful of entries, so a list beats a dictionary.
public struct Properties: Sendable {
  private var list: [(name: String, value: Value)] = []
  /// Which part of a split this is, the property `part`: a value is made of it only where it is asked for, as most parts
  /// of a file of millions never are.
  public var part: PartPlace? {
    didSet { list.removeAll { $0.name == "part" } }
  }

  /// No properties.
  public init() {}

  /// The entries, in the order in which their names were first set; the part is the last.
  public var entries: [(name: String, value: Value)] { part.map { list + [("part", $0.value)] } ?? list }

  /// The value of `name`; setting nil removes it.
  public subscript(_ name: String) -> Value? {
    get { list.first { $0.name == name }?.value ?? (name == "part" ? part?.value : nil) }
    set {
      if name == "part", part != nil { part = nil }
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
