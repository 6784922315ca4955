internal import Synchronization

/// All that the engine counts and measures, by name and labels. A series is made once, when its component is; on the path
/// of messages only numbers change. Labels name what is configured (routes, steps, connectors), never what messages say.
public final class Metrics: Sendable {
  /// The labels of a series, in the order in which they are written: `[("route", "orders")]`.
  public typealias Labels = [(name: String, value: String)]

  private struct Family {
    var help: String
    var series: [(labels: Labels, meter: Meter)] = []
  }

  private enum Meter: Sendable {
    case counter(Counter)
    case gauge(Gauge)
    case histogram(Histogram)
  }

  private let families = Mutex<[String: Family]>([:])

  /// No series yet.
  public init() {}

  /// The counter of that name and labels, made when it is asked for first. Names end in `_total`; `help` says what is
  /// counted, in a sentence.
  public func counter(_ name: String, _ help: String, _ labels: Labels = []) -> Counter {
    let meter = meter(name, help, labels) { .counter(Counter()) }
    if case .counter(let counter) = meter { return counter }
    return Counter()
  }

  /// The gauge of that name and labels, made when it is asked for first.
  public func gauge(_ name: String, _ help: String, _ labels: Labels = []) -> Gauge {
    let meter = meter(name, help, labels) { .gauge(Gauge()) }
    if case .gauge(let gauge) = meter { return gauge }
    return Gauge()
  }

  /// The histogram of durations of that name and labels, made when it is asked for first. Names end in `_seconds`.
  public func histogram(_ name: String, _ help: String, _ labels: Labels = []) -> Histogram {
    let meter = meter(name, help, labels) { .histogram(Histogram()) }
    if case .histogram(let histogram) = meter { return histogram }
    return Histogram()
  }

  private func meter(_ name: String, _ help: String, _ labels: Labels, _ make: () -> Meter) -> Meter {
    families.withLock { families in
      let known = families[name]?.series.first { $0.labels.elementsEqual(labels, by: ==) }
      if let known { return known.meter }
      let made = make()
      families[name, default: Family(help: help)].series.append((labels, made))
      return made
    }
  }
}

/// A number that only grows.
public final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  /// Adds `amount`, which is not negative.
  public func add(_ amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }

  /// The sum so far.
  public var value: Int { count.load(ordering: .relaxed) }
}

/// A number that goes up and down.
public final class Gauge: Sendable {
  private let number = Atomic<Int>(0)

  /// Sets it.
  public func set(_ value: Int) { number.store(value, ordering: .relaxed) }

  /// Adds `amount`, which may be negative.
  public func add(_ amount: Int) { number.wrappingAdd(amount, ordering: .relaxed) }

  /// The number now.
  public var value: Int { number.load(ordering: .relaxed) }
}

/// How long things took, in buckets.
public final class Histogram: Sendable {
  private let count = Atomic<Int>(0)
  private let sum = Atomic<UInt64>(0)

  /// Adds one that took `nanoseconds`.
  public func record(nanoseconds: UInt64) {
    count.wrappingAdd(1, ordering: .relaxed)
    sum.wrappingAdd(nanoseconds, ordering: .relaxed)
  }
}
