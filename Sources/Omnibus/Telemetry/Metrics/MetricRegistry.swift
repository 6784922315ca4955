internal import OmnibusReactor
internal import Synchronization

/// The series of all scopes of one `Metrics`, by family. A series lasts as long as somebody is registered for it.
final class MetricRegistry: Sendable {
  /// Keeps a series as long as it exists.
  final class Registration: Sendable {
    private let registry: MetricRegistry
    private let name: String
    private let labels: [String]
    private let number: Int

    fileprivate init(_ registry: MetricRegistry, _ name: String, _ labels: [String], _ number: Int) {
      self.registry = registry
      self.name = name
      self.labels = labels
      self.number = number
    }

    deinit { registry.release(name, labels, number) }
  }

  /// Where the value of a series comes from.
  enum Meter: Sendable {
    case cells(ShardedCells)
    case gauge(Gauge.Cell)
    case observed(@Sendable () -> Double?)
  }

  private struct Series {
    /// By the numbers of the registrations; all alike but where several observe the same, of which the newest counts.
    var users: [(number: Int, meter: Meter)]
  }

  private struct Family {
    let help: String
    let kind: MetricFamily.Kind
    var series: [[String]: Series] = [:]
  }

  private struct State {
    var families: [String: Family] = [:]
    var last = 0
  }

  private let shards: Int?
  private let maxSeries: Int
  private let state = Mutex(State())
  private let refused = ShardedCells(1, shards: 0)

  init(shards: Int?, maxSeries: Int) {
    self.shards = shards
    self.maxSeries = maxSeries
  }

  /// Series that were asked for and are not shown: there were too many of their family, their name or labels are none, or the
  /// family has another kind.
  var refusedSeries: Int { refused[0] }

  /// Finds or adds a series; without registration, what is measured is shown nowhere.
  func register(
    _ name: String, _ help: String, _ labels: [String], _ kind: MetricFamily.Kind,
    observing observed: (@Sendable () -> Double?)? = nil
  ) -> (meter: Meter, registration: Registration?) {
    let found = state.withLock { state -> (meter: Meter, number: Int)? in
      // Only changed in its place: a family that is held beside it is copied, with all of its series.
      let (kindNow, count) = (state.families[name]?.kind ?? kind, state.families[name]?.series.count ?? 0)
      let known = state.families[name]?.series[labels]
      guard kindNow == kind,
        known != nil || (count < maxSeries && Self.isName(name) && Self.areLabels(labels, of: kind))
      else { return nil }
      state.last += 1
      let meter = observed.map(Meter.observed) ?? known?.users.last?.meter ?? make(kind)
      state.families[name, default: Family(help: help, kind: kind)]
        .series[labels, default: Series(users: [])].users.append((state.last, meter))
      return (meter, state.last)
    }
    guard let found else {
      refused.add(to: 0)
      return (observed.map(Meter.observed) ?? make(kind), nil)
    }
    return (found.meter, Registration(self, name, labels, found.number))
  }

  /// Everything as it is now, by name.
  func read() -> [MetricFamily] {
    // What is observed is asked for outside the lock: it may take locks of its own, under which others register.
    let families = state.withLock { $0.families }
    return families.sorted { $0.key < $1.key }.compactMap { name, family in
      let series = family.series.compactMap { labels, series -> MetricFamily.Series? in
        guard let reading = series.users.last.flatMap({ Self.reading($0.meter, family.kind) }) else { return nil }
        return MetricFamily.Series(labels: labels, reading: reading)
      }
      guard !series.isEmpty else { return nil }
      return MetricFamily(
        name: name, help: family.help, kind: family.kind,
        series: series.sorted { $0.labels.lexicographicallyPrecedes($1.labels) })
    }
  }

  private func release(_ name: String, _ labels: [String], _ number: Int) {
    // Out of the lock, for what an observation held may end with it, and end others.
    let released = state.withLock { state -> Meter? in
      guard var series = state.families[name]?.series[labels],
        let place = series.users.firstIndex(where: { $0.number == number })
      else { return nil }
      let user = series.users.remove(at: place)
      state.families[name]?.series[labels] = series.users.isEmpty ? nil : series
      return user.meter
    }
    withExtendedLifetime(released) {}
  }

  private func make(_ kind: MetricFamily.Kind) -> Meter {
    switch kind {
    case .counter: .cells(ShardedCells(1, shards: shards))
    case .gauge: .gauge(Gauge.Cell())
    case .histogram: .cells(ShardedCells(Histogram.cellCount, shards: shards))
    }
  }

  private static func reading(_ meter: Meter, _ kind: MetricFamily.Kind) -> MetricFamily.Reading? {
    switch meter {
    case .observed(let value): value().map { .number($0) }
    case .gauge(let cell): .integer(cell.number.load(ordering: .relaxed))
    case .cells(let cells): kind == .histogram ? .histogram(Histogram.reading(cells)) : .integer(cells[0])
    }
  }

  /// Whether Prometheus takes it as the name of a metric or, without a colon, of a label.
  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
  }

  private static func areLabels(_ labels: [String], of kind: MetricFamily.Kind) -> Bool {
    let names = stride(from: 0, to: labels.count, by: 2).map { labels[$0] }
    return Set(names).count == names.count
      && names.allSatisfy { isName($0) && !$0.hasPrefix("__") && !(kind == .histogram && $0 == "le") }
  }
}
