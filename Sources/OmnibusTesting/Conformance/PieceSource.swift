internal import Omnibus
internal import Synchronization

/// Makes streams of given pieces, and counts what was taken of them.
final class PieceSource: Sendable {
  private let pieces: [[UInt8]]
  private let repeated: [UInt8]
  private let last: [UInt8]?
  private let count: Int
  private let breaks: Bool
  private let gauge: MemoryGauge?
  private let taken = Atomic<Int>(0)

  /// A stream of `pieces`; one that `breaks` throws in place of its end.
  init(_ pieces: [[UInt8]], breaks: Bool = false) {
    self.pieces = pieces
    self.breaks = breaks
    repeated = []
    last = nil
    count = pieces.count
    gauge = nil
  }

  /// A stream of `pieces`, and then of `repeated` again and again, `count` in all, and then of `last`; `gauge` looks at the
  /// memory with every sixteenth.
  init(
    _ pieces: [[UInt8]] = [], then repeated: [UInt8], count: Int, last: [UInt8]? = nil, gauge: MemoryGauge? = nil
  ) {
    self.last = last
    self.pieces = pieces
    self.repeated = repeated
    self.count = count
    self.gauge = gauge
    breaks = false
  }

  /// How many pieces were taken.
  var pulled: Int { taken.load(ordering: .relaxed) }

  func stream() -> BodyStream {
    BodyStream { [self] in
      let place = taken.wrappingAdd(1, ordering: .relaxed).oldValue
      if place % 16 == 15 { gauge?.look() }
      if place == count, let last { return last }
      guard place < count else {
        if breaks { throw Failure(.unavailable, "the stream of the test broke") }
        return nil
      }
      return place < pieces.count ? pieces[place] : repeated
    }
  }
}
