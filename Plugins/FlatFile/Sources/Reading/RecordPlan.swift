import Omnibus

/// The types of records of a layout, those below others included, as reading needs them.
struct RecordPlan: Sendable {
  /// One of the types.
  struct PlannedType: Sendable {
    let name: String
    let member: JSONName
    let discriminator: Discriminator?
    let lines: Int
    /// The converter of its first line; those of the others follow.
    let firstConverter: Int
    let occurs: ClosedRange<Int>
    /// The types below it.
    let below: TypeList

    /// Whether a record of it is more than one line.
    var isGroup: Bool { lines > 1 || !below.types.isEmpty }
    var isSingle: Bool { occurs.upperBound == 1 }
  }

  /// Types of records that stand beside each other, by their places in the plan.
  struct TypeList: Sendable {
    var types: [Int] = []
    var isOrdered = true
  }

  private(set) var types: [PlannedType] = []
  /// Those that stand below no other.
  private(set) var top = TypeList()
  /// What the lines of each are read by.
  private(set) var bindings: [Binding] = []

  init(_ layout: Layout) {
    guard layout.isTyped else { return }
    top.isOrdered = layout.isOrdered
    top.types = layout.types.map { add($0) }
  }

  private mutating func add(_ type: RecordType) -> Int {
    let below = TypeList(types: type.children.map { add($0) }, isOrdered: type.isOrdered)
    types.append(
      PlannedType(
        name: type.name, member: JSONName(type.name), discriminator: type.discriminator, lines: type.lines,
        firstConverter: bindings.count, occurs: type.occurs, below: below))
    for line in 0..<type.lines { bindings.append(Binding(positions: type.columns(ofLine: line))) }
    return types.count - 1
  }
}
