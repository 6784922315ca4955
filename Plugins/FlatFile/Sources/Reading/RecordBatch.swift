import Omnibus

/// Records that were read and not yet taken: the elements of one JSON text, and a bad record behind them.
struct RecordBatch {
  private var elements: JSONElements?
  private var places: [PartPlace]
  private var taken = 0
  private var bad: Part?

  /// No records but a bad one.
  init(bad: Part? = nil) {
    places = []
    self.bad = bad
  }

  /// The elements of `text`, an array, with their places.
  init(_ text: JSONText, _ places: [PartPlace], bad: Part?) {
    elements = JSONElements(of: text.root)
    self.places = places
    self.bad = bad
  }

  /// The next record.
  mutating func next() -> Part? {
    guard let node = elements?.next() else {
      defer { bad = nil }
      return bad
    }
    let place = places[taken]
    taken += 1
    return Part(.document(JSONDocument(.json(node))), number: place.number, line: place.line, type: place.type)
  }
}
