internal import Synchronization

/// A number that goes up and down. For what changes with each message, an observation of two counters costs less.
public final class Gauge: Sendable {
  final class Cell: Sendable {
    let number = Atomic<Int>(0)
  }

  private let cell: Cell
  private let registration: MetricRegistry.Registration?

  /// A gauge that belongs to no registry.
  public convenience init() { self.init(Cell(), nil) }

  init(_ cell: Cell, _ registration: MetricRegistry.Registration?) {
    self.cell = cell
    self.registration = registration
  }

  /// Sets it.
  public func set(_ value: Int) { cell.number.store(value, ordering: .relaxed) }

  /// Adds `amount`, which may be negative.
  public func add(_ amount: Int) { cell.number.wrappingAdd(amount, ordering: .relaxed) }

  /// The number now.
  public var value: Int { cell.number.load(ordering: .relaxed) }
}
