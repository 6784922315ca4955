import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("middleware of routes that run")
struct RouteMiddlewareTests {
  let sample = Sample()
  let engine: Engine

  init() { engine = sample.engine() }

  private static let shared = """
    resources: { b: { breaker: { text: x } } }
    routes:
    - { id: a, from: { feed: { name: a } }, middleware: [ { use: b } ], steps: [] }
    - { id: c, from: { feed: { name: c } }, middleware: [ { use: b } ], steps: [] }
    """
  private static let inline = """
    routes:
    - id: a
      from: { feed: { name: a } }
      steps:
      - { mark: {}, id: m, middleware: [ { breaker: {} } ] }
      - { mark: {}, middleware: [ { breaker: {} } ] }
    """

  @Test("breakers are known by their resource, else by their route and step")
  func names() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    #expect(await engine.breakers().map(\.name) == ["b"])
    #expect(sample.breakers.all.map(\.resource) == ["b"])
    _ = try await engine.apply(.sample(text: Self.inline))
    #expect(await engine.breakers().map(\.name) == ["a/m", "a/mark-2"])
  }

  @Test("an operator forces a breaker, and lets it go")
  func forces() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    try await engine.force(breaker: "b", .open)
    #expect(await engine.breakers().first?.status == BreakerStatus(state: .open, isForced: true))
    try await engine.force(breaker: "b", nil)
    #expect(await engine.breakers().first?.status.state == .closed)
    await #expect(throws: Failure.self) { try await engine.force(breaker: "x", .open) }
  }

  @Test("an open breaker lets sources that fetch messages wait, and refuses none that come by themselves")
  func breakerPauses() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    let deliver = try #require(sample.feeds["a"])
    try await deliver.admit()?.end()
    try await engine.force(breaker: "b", .open)
    #expect(await engine.status().first?.pausedBy == ["breaker b"])
    #expect(await engine.status().first?.state == .paused)
    let task = Task { try await deliver.admit() }
    #expect(try await sample.send("a") == .next)
    try await engine.force(breaker: "b", .halfOpen)
    #expect(try await task.value != nil)
    #expect(await engine.status().first?.state == .started)
  }

  @Test("a route is not ready while a breaker of it is open, and names it, unless an operator wants it so")
  func breakerMakesNotReady() async throws {
    _ = try await engine.apply(.sample(text: Self.inline))
    try #require(sample.breakers.all.last).trip()
    #expect(await engine.status().map(\.notReady) == ["the circuit breaker a/mark-2 is open"])
    try await engine.force(breaker: "a/mark-2", .open)
    #expect(await engine.status().map(\.isReady) == [true])
    try await engine.force(breaker: "a/mark-2", .halfOpen)
    #expect(await engine.status().map(\.isReady) == [true])
  }

  @Test("breakers on one step have names of their own")
  func sameStep() async throws {
    let two = "middleware: [ { breaker: { text: x } }, { breaker: { text: y } } ]"
    _ = try await engine.apply(
      .sample(
        text: "routes:\n- { id: a, from: { feed: { name: a } }, \(two), steps: [ { mark: {}, id: m, \(two) } ] }\n"))
    #expect(await engine.breakers().map(\.name) == ["a", "a#2", "a/m", "a/m#2"])
    #expect(sample.breakers.all.map(\.place).sorted() == ["a", "a#2", "a/m", "a/m#2"])
  }

  @Test("a breaker has no observer left when its routes are gone")
  func observers() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    let breaker = try #require(sample.breakers.all.first)
    #expect(breaker.observers == 2)
    _ = try await engine.apply(.sample(text: Self.shared.replacing("steps: []", with: "steps: [ { mark: {} } ]")))
    #expect(breaker.observers == 2)
    _ = try await engine.apply(.sample("z"))
    #expect(breaker.observers == 0)
  }

  @Test("the state of a resource survives changes of the routes that use it, and of other resources")
  func resourceSurvives() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    _ = try await sample.send("a")
    let applied = try await engine.apply(
      .sample(
        text:
          Self.shared.replacing(
            "name: c } }, middleware: [ { use: b } ], steps: []",
            with: "name: c } }, middleware: [ { use: b } ], steps: [ { mark: {} } ]")))
    #expect(applied.changed == ["c"])
    _ = try await sample.send("c")
    #expect(sample.breakers.all.count == 1)
    #expect(await engine.breakers().first?.status.calls == 2)
  }

  @Test("a changed definition begins anew")
  func changedBeginsAnew() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    _ = try await sample.send("a")
    let applied = try await engine.apply(.sample(text: Self.shared.replacing("text: x", with: "text: y")))
    #expect(applied.changes["a"] == ["resource b"])
    #expect(await engine.breakers().first?.status.calls == 0)
  }

  @Test("the state of a route's own middleware survives steps that come before it")
  func inlineSurvives() async throws {
    _ = try await engine.apply(.sample(text: Self.inline))
    _ = try await sample.send("a")
    _ = try await engine.apply(
      .sample(text: Self.inline.replacing("steps:\n", with: "steps:\n  - { mark: { text: first } }\n")))
    #expect(await engine.breakers().map(\.name) == ["a/m", "a/mark-3"])
    #expect(await engine.breakers().map(\.status.calls) == [1, 1])
    #expect(sample.breakers.all.count == 2)
  }

  @Test("an apply that fails takes nothing over and forgets nothing")
  func failedApply() async throws {
    _ = try await engine.apply(.sample(text: Self.shared))
    _ = try await sample.send("a")
    sample.broken.append("z")
    await #expect(throws: Diagnostics.self) {
      try await engine.apply(
        .sample(
          text:
            Self.shared.replacing("steps: []", with: "steps: [ { mark: {} } ]")
            + "\n- { id: z, from: { feed: { name: z } }, steps: [] }"))
    }
    #expect(await engine.breakers().first?.status.calls == 1)
    #expect(sample.breakers.all.first?.observers == 2)
  }

  private static let places = """
    routes:
    - { id: a, from: { feed: { name: a } }, middleware: [ { places: {} } ], steps: [ { hold: {} } ] }
    """

  @Test("a place is taken before the message is, and given back when it was worked on")
  func admits() async throws {
    _ = try await engine.apply(.sample(text: Self.places))
    let deliver = try #require(sample.feeds["a"])
    let places = try #require(sample.places.all.first)
    let first = try #require(try await deliver.admit())
    let second = Task { try await deliver.admit() }
    await places.asked.wait(for: 2)
    async let sent = sample.send("a", admitted: first)
    await sample.marks.wait(for: 1)
    #expect(places.given.all.isEmpty)
    sample.release.signal()
    _ = try await sent
    #expect(try await second.value != nil)
    #expect(places.given.all.count >= 1)
  }

  @Test("a stop ends the wait for a place, and what was admitted is given back when it ends")
  func stopWhileWaiting() async throws {
    _ = try await engine.apply(.sample(text: Self.places))
    let deliver = try #require(sample.feeds["a"])
    let places = try #require(sample.places.all.first)
    let first = try #require(try await deliver.admit())
    let second = Task { try await deliver.admit() }
    await places.asked.wait(for: 2)
    await engine.stop(grace: .seconds(1))
    #expect(try await second.value == nil)
    first.end()
    #expect(places.given.all.count == 1)
  }
}
