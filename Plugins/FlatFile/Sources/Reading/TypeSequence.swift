/// How far a file, or a record with others below it, has come in the list of its types: which type the next may be of.
struct TypeSequence: Sendable {
  /// What a row is, going by the types that are listed.
  enum Verdict: Sendable {
    /// A record of a type, the place of which in the list it is, and the type that should have come before it.
    case record(Int, missing: Int?)
    /// A record of a type of which there are as many as may be.
    case tooMany(Int)
    /// A record of a type whose turn is over.
    case outOfOrder(Int)
    /// Of none.
    case unknown
  }

  private let list: RecordPlan.TypeList
  /// The place in the list of the type that came last.
  private var current = 0
  private var counts: [Int]

  init(_ list: RecordPlan.TypeList) {
    self.list = list
    counts = Array(repeating: 0, count: list.types.count)
  }

  /// What a row is.
  func verdict(
    on row: borrowing FieldList, in bytes: UnsafePointer<UInt8>, _ plan: borrowing RecordPlan
  ) -> Verdict {
    var full: Int?
    for place in (list.isOrdered ? current : 0)..<list.types.count
    where plan.types[list.types[place]].discriminator?.accepts(row, in: bytes) ?? true {
      if counts[place] < plan.types[list.types[place]].occurs.upperBound {
        return .record(place, missing: list.isOrdered ? missing(before: place, plan) : nil)
      }
      full = full ?? place
    }
    if let full { return .tooMany(full) }
    guard list.isOrdered else { return .unknown }
    for place in 0..<current where plan.types[list.types[place]].discriminator?.accepts(row, in: bytes) ?? false {
      return .outOfOrder(place)
    }
    return .unknown
  }

  /// Whether a row is of one of the types, its turn or not.
  func knows(_ row: borrowing FieldList, in bytes: UnsafePointer<UInt8>, _ plan: borrowing RecordPlan) -> Bool {
    if case .unknown = verdict(on: row, in: bytes, plan) { false } else { true }
  }

  /// Counts a record of the type at a place of the list.
  mutating func take(_ place: Int) {
    counts[place] += 1
    current = place
  }

  /// The first type of which there are too few; nil where there are enough of all.
  func missing(_ plan: borrowing RecordPlan) -> Int? { missing(before: list.types.count, plan) }

  /// How many records of the type at a place came.
  func count(at place: Int) -> Int { counts[place] }

  /// The type at a place of the list.
  func type(at place: Int) -> Int { list.types[place] }

  private func missing(before end: Int, _ plan: borrowing RecordPlan) -> Int? {
    (0..<end).first { counts[$0] < plan.types[list.types[$0]].occurs.lowerBound }
  }
}
