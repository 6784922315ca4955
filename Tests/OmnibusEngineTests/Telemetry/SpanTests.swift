import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("spans of messages")
struct SpanTests {
  private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

  let sample = Sample()

  private func run(
    sample ratio: Double, _ steps: String, headers: Headers = [:], messages: Int = 1
  ) async throws -> (spans: [Span], tracer: Tracer) {
    let tracer = Tracer(sample: ratio)
    var services = Services()
    services[Tracer.self] = tracer
    let engine = sample.engine(services: services)
    let text = "routes:\n- { id: orders, from: { feed: { name: orders } }, steps: \(steps) }\n"
    _ = try await engine.apply(RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))]))
    let deliver = try #require(sample.feeds["orders"])
    for _ in 0..<messages {
      var message = Message(headers: headers)
      _ = try? await deliver(&message)
    }
    await engine.stop(grace: .seconds(1))
    return (tracer.take(), tracer)
  }

  @Test("a route and each of its steps are spans, the steps within the route, and the route within the sender's")
  func linkage() async throws {
    let (spans, _) = try await run(
      sample: 0, "[ { mark: {} }, { to: { sink: { name: there } }, id: deliver } ]",
      headers: ["traceparent": Self.parent, "tracestate": "a=1"])
    let route = try #require(spans.first { $0.origin.name == "orders" })
    let mark = try #require(spans.first { $0.origin.name == "mark-1" })
    let deliver = try #require(spans.first { $0.origin.name == "deliver" })
    #expect(spans.count == 3)
    #expect(Set(spans.map { "\($0.traceID)" }) == ["0af7651916cd43dd8448eb211c80319c"])
    #expect(Set(spans.map(\.spanID)).count == 3)
    #expect(route.parentID.map { "\($0)" } == "b7ad6b7169203331")
    #expect(mark.parentID == route.spanID)
    #expect(deliver.parentID == route.spanID)
    #expect([route, mark, deliver].map(\.origin.kind) == [.consumer, .internal, .producer])
    #expect(spans.allSatisfy { $0.state == "a=1" && $0.start <= $0.end && $0.failure == nil })
    #expect(route.start <= mark.start && deliver.end <= route.end)
  }

  @Test("a failure is the status of the step and of the route")
  func failure() async throws {
    let (spans, _) = try await run(sample: 1, "[ { breaking: {} } ]")
    #expect(spans.map(\.failure) == [.rejected, .rejected])
    #expect(spans.first { $0.origin.name == "orders" }?.parentID == nil)
  }

  @Test("the sender's decision holds, and the ratio where nobody has decided", arguments: [0.0, 1.0])
  func decision(ratio: Double) async throws {
    let (own, _) = try await run(sample: ratio, "[]", messages: 10)
    #expect(own.count == (ratio == 1 ? 10 : 0))
    let (unsampled, _) = try await run(
      sample: ratio, "[]", headers: ["traceparent": String(Self.parent.dropLast(2)) + "00"])
    #expect(unsampled.isEmpty)
  }

  @Test("a ratio of a quarter traces about a quarter")
  func ratio() async throws {
    let (spans, _) = try await run(sample: 0.25, "[]", messages: 2000)
    #expect((350...650).contains(spans.count))
  }

  @Test("a header that is malformed begins a trace of its own")
  func malformed() async throws {
    let (spans, _) = try await run(sample: 1, "[]", headers: ["traceparent": Self.parent.uppercased()])
    #expect(spans.count == 1)
    #expect(spans.first?.parentID == nil)
    #expect(spans.first.map { "\($0.traceID)" } != "0af7651916cd43dd8448eb211c80319c")
  }

  @Test("what finds no room is dropped and counted")
  func bound() async throws {
    let tracer = Tracer(sample: 1, capacity: 90)
    var services = Services()
    services[Tracer.self] = tracer
    let engine = sample.engine(services: services)
    let text = "routes:\n- { id: orders, from: { feed: { name: orders } }, steps: [] }\n"
    _ = try await engine.apply(RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))]))
    for _ in 0..<500 { _ = try await sample.send("orders") }
    await engine.stop(grace: .seconds(1))
    let spans = tracer.take()
    #expect(spans.count == 90)
    #expect(tracer.recorded == spans.count)
    #expect(tracer.dropped == 500 - spans.count)
  }
}
