internal import OmnibusReactor

/// A number that only grows.
public final class Counter: Sendable {
  private let cells: ShardedCells
  private let registration: MetricRegistry.Registration?

  /// A counter that belongs to no registry.
  public convenience init() { self.init(ShardedCells(1), nil) }

  init(_ cells: ShardedCells, _ registration: MetricRegistry.Registration?) {
    self.cells = cells
    self.registration = registration
  }

  /// Adds `amount`, which is not negative. About 2 ns on a reactor.
  public func add(_ amount: Int = 1) { cells.add(amount, to: 0) }

  /// Adds one, and answers how many the calling reactor has added: for taking every so many-th.
  func next() -> Int { cells.next(0) }

  /// The sum so far.
  public var value: Int { cells[0] }
}
