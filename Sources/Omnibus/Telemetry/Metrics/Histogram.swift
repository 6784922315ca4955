internal import OmnibusReactor

/// How long things took, in buckets that all histograms share.
public final class Histogram: Sendable {
  /// The upper bounds of the buckets in nanoseconds, each included: 100 µs, 500 µs, and so on to 10 s, and 60 s. What takes
  /// longer is in one more bucket.
  public static let bounds: [UInt64] = [
    100_000, 500_000, 1_000_000, 5_000_000, 10_000_000, 50_000_000, 100_000_000, 500_000_000, 1_000_000_000,
    5_000_000_000, 10_000_000_000, 60_000_000_000,
  ]

  /// What a histogram holds at one moment.
  public struct Reading: Sendable, Equatable {
    /// How many took as long as each of `bounds` and longer than the one before, and behind them how many took longer.
    public var buckets: [Int]
    /// What all took together.
    public var sumNanoseconds: Int

    /// How many there are.
    public var count: Int { buckets.reduce(0, +) }
  }

  static let cellCount = bounds.count + 2
  private static let sum = bounds.count + 1

  private let cells: ShardedCells
  private let registration: MetricRegistry.Registration?

  /// A histogram that belongs to no registry.
  public convenience init() { self.init(ShardedCells(Self.cellCount), nil) }

  init(_ cells: ShardedCells, _ registration: MetricRegistry.Registration?) {
    self.cells = cells
    self.registration = registration
  }

  /// Adds one that took `nanoseconds`. About 5 ns on a reactor.
  public func record(nanoseconds: UInt64) {
    cells.add(to: Self.bucket(of: nanoseconds))
    cells.add(Int(clamping: nanoseconds), to: Self.sum)
  }

  /// What it holds.
  public var reading: Reading { Self.reading(cells) }

  static func reading(_ cells: ShardedCells) -> Reading {
    Reading(buckets: (0...bounds.count).map { cells[$0] }, sumNanoseconds: cells[sum])
  }

  /// The bucket: the first whose bound is not below.
  private static func bucket(of nanoseconds: UInt64) -> Int {
    bounds.withUnsafeBufferPointer { bounds in
      var place = 0
      while place < bounds.count, bounds[place] < nanoseconds { place += 1 }
      return place
    }
  }
}
