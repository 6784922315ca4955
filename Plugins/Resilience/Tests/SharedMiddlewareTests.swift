import Omnibus
import OmnibusEngine
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

/// Middleware under `resources`, on steps and on routes of a running engine.
struct SharedMiddlewareTests {
  let memory = MemorySystem()
  let clock = ManualClock()
  let metrics = Metrics()

  @Test("a breaker that routes share opens for all of them, on a step as on a route")
  func breaker() async throws {
    try await withEngine("circuit_breaker: { minimum_calls: 2, window: 2, open_for: 10s, trial_calls: 1 }") {
      memory.destination("out").become(then: .fail(.unavailable))
      await #expect(throws: Failure.self) { try await memory.send(Message(), to: "on-step") }
      await #expect(throws: Failure.self) { try await memory.send(Message(), to: "on-route") }
      let failure = await #expect(throws: Failure.self) { try await memory.send(Message(), to: "on-step") }
      #expect(failure?.reason == "the circuit breaker beds is open")
      #expect(failure?.retryAfter == .seconds(10))
      #expect(memory.destination("out").received.all.count == 2)

      memory.destination("out").become(then: .succeed)
      clock.advance(by: .seconds(10))
      _ = try await memory.send(Message(), to: "on-route")
      _ = try await memory.send(Message(), to: "on-step")
    }
  }

  @Test("a limit that routes share counts the messages of all of them")
  func rateLimit() async throws {
    try await withEngine("rate_limit: { rate: 1/s, burst: 2 }") {
      _ = try await memory.send(Message(), to: "on-step")
      _ = try await memory.send(Message(), to: "on-route")
      for route in ["on-step", "on-route"] {
        let failure = await #expect(throws: Failure.self) { try await memory.send(Message(), to: route) }
        #expect(failure?.kind == .overloaded)
      }
    }
  }

  @Test("a bulkhead that routes share holds the places of all of them")
  func bulkhead() async throws {
    try await withEngine("bulkhead: { limit: 1 }") {
      let release = StopSignal()
      memory.destination("out").become(then: .wait(release))
      let first = Task { [memory] in try await memory.send(Message(), to: "on-step") }
      await memory.destination("out").received.wait(for: 1)
      let failure = await #expect(throws: Failure.self) { try await memory.send(Message(), to: "on-route") }
      #expect(failure?.kind == .overloaded)
      release.signal()
      _ = try await first.value
      _ = try await memory.send(Message(), to: "on-route")
    }
  }

  @Test("a breaker that stands on a step is counted by its route and step")
  func metricNames() async throws {
    try await withEngine("bulkhead: {}", onStep: "circuit_breaker: {}") {
      _ = try await memory.send(Message(), to: "on-step")
      let labels = [("breaker", "on-step/deliver"), ("outcome", "success")]
      #expect(metrics.counter("omnibus_breaker_calls_total", "", labels).value == 1)
    }
  }

  /// Runs `body` while two routes use the resource `beds`: one on its step, one on the whole of it.
  private func withEngine(
    _ resource: String, onStep: String = "use: beds", _ body: () async throws -> Void
  ) async throws {
    let reactors = Context.testing().reactors
    let engine = Engine(
      plugins: [.resilience, memory.plugin],
      environment: EngineEnvironment(
        reactors: reactors, blocking: Context.testing().blocking, clock: clock, logger: Context.testing().logger,
        metrics: metrics))
    let routes = """
      resources:
        beds: { \(resource) }
      routes:
        - id: on-step
          from: { memory: { name: on-step } }
          steps:
            - to: { memory: { name: out } }
              id: deliver
              middleware: [ { \(onStep) } ]
        - id: on-route
          from: { memory: { name: on-route } }
          middleware: [ { use: beds } ]
          steps:
            - to: { memory: { name: out } }
      """
    let file = RouteFiles.File(path: "/tmp/shared.yaml", bytes: Array(routes.utf8))
    _ = try await engine.apply(RouteFiles([file]))
    do {
      try await body()
    } catch {
      await engine.stop(grace: .seconds(10))
      throw error
    }
    await engine.stop(grace: .seconds(10))
  }
}
