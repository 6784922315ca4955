import Omnibus
import OmnibusReactor
import Testing

struct MetricsTests {
  private func names(_ metrics: Metrics) -> [String] { metrics.read().map(\.name) }

  @Test func `whoever asks for the same series counts into the same`() {
    let metrics = Metrics()
    metrics.counter("calls_total", "Calls.", [("route", "a")]).add(2)
    metrics.scope().counter("calls_total", "Calls.", [("route", "a")]).add(3)
    metrics.counter("calls_total", "Calls.", [("route", "b")]).add()
    let series = metrics.read().first?.series
    #expect(series?.map(\.labels) == [["route", "a"], ["route", "b"]])
    #expect(series?.map(\.reading) == [.integer(5), .integer(1)])
  }

  @Test func `the series of a scope go with it`() {
    let metrics = Metrics()
    do {
      let scope = metrics.scope()
      scope.counter("calls_total", "Calls.").add()
      #expect(names(metrics) == ["calls_total"])
    }
    #expect(names(metrics).isEmpty)
  }

  @Test func `a series goes on counting while it is handed from one scope to the next`() {
    let metrics = Metrics()
    var scope = metrics.scope()
    scope.counter("calls_total", "Calls.").add(1)
    let next = metrics.scope()
    _ = next.counter("calls_total", "Calls.")
    scope = next
    scope.counter("calls_total", "Calls.").add(1)
    #expect(metrics.read().first?.series.first?.reading == .integer(2))
  }

  @Test func `a meter that is kept keeps its series beyond its scope`() {
    let metrics = Metrics()
    var counter: Counter? = metrics.scope().counter("calls_total", "Calls.")
    counter?.add()
    #expect(names(metrics) == ["calls_total"])
    counter = nil
    #expect(names(metrics).isEmpty)
  }

  @Test func `what is observed is shown as long as its observation lasts, the newest of several`() {
    let metrics = Metrics()
    let first = metrics.observe("depth", "Depth.") { 1 }
    let second = metrics.observe("depth", "Depth.") { 2 }
    let reading = { metrics.read().first?.series.map(\.reading) }
    #expect(reading() == [.number(2)])
    second.end()
    #expect(reading() == [.number(1)])
    first.end()
    #expect(reading() == nil)
  }

  @Test func `an observation may register series when it is asked`() {
    let metrics = Metrics()
    let observation = metrics.observe("depth", "Depth.") { Double(metrics.counter("asked_total", "Asked.").value) }
    #expect(names(metrics) == ["depth"])
    #expect(names(metrics) == ["asked_total", "depth"])
    observation.end()
  }

  @Test func `a family has a bounded number of series`() {
    let metrics = Metrics(maxSeries: 3)
    let counters = (0..<10).map { metrics.counter("calls_total", "Calls.", [("route", "\($0)")]) }
    for counter in counters { counter.add() }
    #expect(metrics.read().first?.series.count == 3)
    #expect(metrics.refusedSeries == 7)
    #expect(counters.allSatisfy { $0.value == 1 })
  }

  @Test(arguments: ["", "1st", "with space", "a-b", "größe", "a:b"])
  func `a name that Prometheus does not take is not shown`(name: String) {
    let metrics = Metrics()
    metrics.counter(name, "Calls.").add()
    metrics.counter("calls_total", "Calls.", [(name, "x")]).add()
    #expect(names(metrics).isEmpty)
    #expect(metrics.refusedSeries == 2)
  }

  @Test func `labels are not given twice, and are not those of the format`() {
    let metrics = Metrics()
    metrics.counter("calls_total", "Calls.", [("a", "x"), ("a", "y")]).add()
    metrics.counter("calls_total", "Calls.", [("__name__", "x")]).add()
    metrics.histogram("call_seconds", "Calls.", [("le", "1")]).record(nanoseconds: 1)
    #expect(names(metrics).isEmpty)
  }

  @Test func `a family keeps its kind`() {
    let metrics = Metrics()
    metrics.counter("calls", "Calls.").add()
    metrics.scope().gauge("calls", "Calls.").set(7)
    #expect(metrics.gauge("calls", "Calls.").value == 0)
    #expect(metrics.read().map(\.kind) == [.counter])
  }

  @Test func `nothing is lost when reactors and other threads count at once`() async throws {
    let reactors = try ReactorGroup(count: 2)
    defer { reactors.stop() }
    let others = try ReactorGroup(count: 2)
    defer { others.stop() }
    let counter = Metrics(shards: 2).counter("calls_total", "Calls.")
    await withDiscardingTaskGroup { group in
      for reactor in reactors.reactors + others.reactors {
        group.addTask(executorPreference: reactor) { for _ in 0..<20_000 { counter.add() } }
      }
      for _ in 0..<4 { group.addTask { for _ in 0..<20_000 { counter.add() } } }
    }
    #expect(counter.value == 160_000)
  }
}
