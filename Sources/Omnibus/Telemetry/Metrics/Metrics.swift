internal import OmnibusReactor
internal import Synchronization

/// All that the engine counts and measures, by name and labels. A series is made once, when its component is; on the path
/// of messages only numbers change. Labels name what is configured (routes, steps, connectors), never what messages say.
///
/// What a component asks for through its context is shown as long as the revision of its route exists, or the component
/// keeps what it got. Where two revisions ask for the same series they get the same, so it goes on counting through a reload.
public final class Metrics: Sendable {
  /// The labels of a series, in the order in which they are written: `[("route", "orders")]`.
  public typealias Labels = [(name: String, value: String)]

  private struct Key: Hashable {
    let name: String
    let labels: [String]
  }

  /// Whether messages are counted and measured, by route and by destination.
  public let measuresMessages: Bool
  private let registry: MetricRegistry
  /// What was asked for through this scope, which lasts as long as the scope.
  private let meters = Mutex<[Key: any Sendable]>([:])

  /// No series yet. `shards` is how many reactors count apart from each other, one a processor unless told otherwise. A
  /// family has at most `maxSeries`: what is asked for beyond them counts, and is not shown.
  public convenience init(shards: Int? = nil, maxSeries: Int = 10_000, measuresMessages: Bool = true) {
    self.init(MetricRegistry(shards: shards, maxSeries: maxSeries), measuresMessages)
  }

  private init(_ registry: MetricRegistry, _ measuresMessages: Bool) {
    self.registry = registry
    self.measuresMessages = measuresMessages
  }

  /// The same metrics, for what may end before they do: the series that only it asked for go with it.
  public func scope() -> Metrics { Metrics(registry, measuresMessages) }

  /// The counter of that name and labels, made when it is asked for first. Names end in `_total`; `help` says what is
  /// counted, in a sentence.
  public func counter(_ name: String, _ help: String, _ labels: Labels = []) -> Counter {
    kept(name, labels) { labels in
      let (meter, registration) = registry.register(name, help, labels, .counter)
      guard case .cells(let cells) = meter else { return Counter() }
      return Counter(cells, registration)
    } ?? Counter()
  }

  /// The gauge of that name and labels, made when it is asked for first.
  public func gauge(_ name: String, _ help: String, _ labels: Labels = []) -> Gauge {
    kept(name, labels) { labels in
      let (meter, registration) = registry.register(name, help, labels, .gauge)
      guard case .gauge(let cell) = meter else { return Gauge() }
      return Gauge(cell, registration)
    } ?? Gauge()
  }

  /// The histogram of durations of that name and labels, made when it is asked for first. Names end in `_seconds`.
  public func histogram(_ name: String, _ help: String, _ labels: Labels = []) -> Histogram {
    kept(name, labels) { labels in
      let (meter, registration) = registry.register(name, help, labels, .histogram)
      guard case .cells(let cells) = meter else { return Histogram() }
      return Histogram(cells, registration)
    } ?? Histogram()
  }

  /// Shows what `value` answers whenever metrics are read, on the thread that reads them; nil for nothing at that moment.
  /// Lasts as long as what is returned. Of several with the same name and labels the newest is asked.
  public func observe(
    _ name: String, _ help: String, _ labels: Labels = [], as kind: MetricFamily.Kind = .gauge,
    _ value: @escaping @Sendable () -> Double?
  ) -> Observation {
    Observation(registry.register(name, help, Self.flat(labels), kind, observing: value).registration)
  }

  /// Everything as it is now, ordered by name.
  public func read() -> [MetricFamily] { registry.read() }

  /// How many series were asked for and are not shown: their family was full or of another kind, or their name or labels
  /// are not what Prometheus takes for such.
  public var refusedSeries: Int { registry.refusedSeries }

  private func kept<Kept: AnyObject & Sendable>(
    _ name: String, _ labels: Labels, _ make: ([String]) -> Kept
  ) -> Kept? {
    let key = Key(name: name, labels: Self.flat(labels))
    return meters.withLock { meters in
      if let known = meters[key] { return known as? Kept }
      let made = make(key.labels)
      meters[key] = made
      return made
    }
  }

  private static func flat(_ labels: Labels) -> [String] { labels.flatMap { [$0.name, $0.value] } }
}
