import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("what is measured of messages")
struct MessageMetricsTests {
  let sample = Sample()
  let metrics = Metrics()

  private func apply(_ steps: String, to engine: Engine) async throws {
    let text = "routes:\n- { id: orders, from: { feed: { name: orders } }, steps: \(steps) }\n"
    _ = try await engine.apply(RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))]))
  }

  private func value(_ name: String, _ labels: String...) -> Int? {
    let series = metrics.read().first { $0.name == name }?.series.first { series in
      labels.allSatisfy(series.labels.contains)
    }
    switch series?.reading {
    case .integer(let number)?: return number
    case .number(let number)?: return Int(number)
    case .histogram(let reading)?: return reading.count
    case nil: return nil
    }
  }

  @Test("messages are counted by outcome, all are timed, and steps on one in sixteen")
  func counts() async throws {
    let engine = sample.engine(metrics: metrics)
    try await apply("[ { mark: {} }, { to: { sink: { name: there } }, id: deliver } ]", to: engine)
    for _ in 0..<33 { _ = try await sample.send("orders") }
    #expect(value("omnibus_route_messages_total", "orders", "completed") == 33)
    #expect(value("omnibus_route_messages_total", "orders", "failed") == 0)
    #expect(value("omnibus_route_duration_seconds", "orders") == 33)
    #expect(value("omnibus_step_duration_seconds", "orders", "mark-1") == 3)
    #expect(value("omnibus_destination_calls_total", "deliver", "sink", "success") == 33)
    #expect(value("omnibus_route_messages_under_way", "orders") == 0)
    await engine.stop(grace: .seconds(1))
  }

  @Test("a failure is counted where it happened, by its kind, and once")
  func failures() async throws {
    let engine = sample.engine(metrics: metrics)
    try await apply("[ { mark: {} }, { breaking: {} } ]", to: engine)
    for _ in 0..<20 { await #expect(throws: Failure.self) { _ = try await sample.send("orders") } }
    #expect(value("omnibus_route_messages_total", "orders", "failed") == 20)
    #expect(value("omnibus_route_failures_total", "orders", "rejected") == 20)
    #expect(value("omnibus_route_failures_total", "orders", "internal") == 0)
    #expect(value("omnibus_step_failures_total", "breaking-2", "rejected") == 20)
    await engine.stop(grace: .seconds(1))
  }

  @Test("a message under way is one, and a change of the route goes on counting")
  func reload() async throws {
    let engine = sample.engine(metrics: metrics)
    try await apply("[ { hold: {} } ]", to: engine)
    async let underWay = sample.send("orders")
    _ = await sample.marks.wait(for: 1)
    #expect(value("omnibus_route_messages_under_way", "orders") == 1)
    try await apply("[ { mark: { text: new } } ]", to: engine)
    #expect(value("omnibus_route_messages_under_way", "orders") == 1)
    _ = try await sample.send("orders")
    sample.release.signal()
    _ = try await underWay
    #expect(value("omnibus_route_messages_total", "orders", "completed") == 2)
    #expect(value("omnibus_route_messages_under_way", "orders") == 0)
    await engine.stop(grace: .seconds(1))
  }

  @Test("a route that is gone leaves no series, and one that is refused never has any")
  func removal() async throws {
    let engine = sample.engine(metrics: metrics)
    try await apply("[ { mark: {} } ]", to: engine)
    _ = try await sample.send("orders")
    await #expect(throws: Diagnostics.self) { try await apply("[ { mark: {} }, { unknown: {} } ]", to: engine) }
    let routes = { metrics.read().flatMap(\.series).filter { $0.labels.first == "route" } }
    #expect(!routes().isEmpty)
    #expect(!routes().contains { $0.labels.contains("unknown-2") })
    await engine.stop(grace: .seconds(1))
    // The feed keeps its route, as a source that has ended does not.
    sample.feeds["orders"] = nil
    #expect(try await eventually { routes().isEmpty })
  }

  @Test("nothing is measured where nobody wants to know")
  func off() async throws {
    let metrics = Metrics(measuresMessages: false)
    let engine = sample.engine(metrics: metrics)
    try await apply("[ { mark: {} }, { to: { sink: { name: there } } } ]", to: engine)
    _ = try await sample.send("orders")
    #expect(!metrics.read().map(\.name).contains { $0.hasPrefix("omnibus_route_") })
    #expect(!metrics.read().map(\.name).contains { $0.hasPrefix("omnibus_destination_") })
    await engine.stop(grace: .seconds(1))
  }
}
