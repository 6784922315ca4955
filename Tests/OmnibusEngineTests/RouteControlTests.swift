import Omnibus
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("the control of routes")
struct RouteControlTests {
  let sample = Sample()
  let clock = ManualClock()
  let engine: Engine

  init() { engine = sample.engine(clock: clock) }

  private func status(_ route: String = "a") async -> RouteStatus? { await engine.status().first { $0.id == route } }

  @Test("a route says how it stands")
  func tellsStatus() async throws {
    _ = try await engine.apply(.sample("a"))
    let status = try #require(await status())
    #expect(status.state == .started)
    #expect(status.source == "a")
    #expect(status.isReady)
    #expect(status.underWay == 0)
    #expect(status.pausedBy == [])
  }

  @Test("a paused route refuses what is pushed and says when to come again, and finishes what is under way")
  func pauses() async throws {
    _ = try await engine.apply(.sample("a", steps: "[ { hold: {} } ]"))
    async let underWay = sample.send("a")
    await sample.marks.wait(for: 1)
    try await engine.pause("a")
    #expect(await status()?.state == .paused)
    #expect(await status()?.pausedBy == ["operator"])
    #expect(await status()?.underWay == 1)
    let refusal = await #expect(throws: Failure.self) { try await sample.send("a") }
    #expect(refusal?.kind == .unavailable)
    #expect(refusal?.retryAfter == .seconds(10))
    sample.release.signal()
    #expect(try await underWay == .next)
    try await engine.resume("a")
    #expect(try await sample.send("a") == .next)
  }

  @Test("a source that fetches messages waits while its route is paused")
  func pausesAdmission() async throws {
    _ = try await engine.apply(.sample("a"))
    try await engine.pause("a")
    let deliver = try #require(sample.feeds["a"])
    let admitted = Recorder<Bool>()
    let task = Task {
      let admission = try await deliver.admit()
      admitted.append(admission != nil)
      return admission
    }
    try await engine.pause("a")
    #expect(admitted.all.isEmpty)
    try await engine.resume("a")
    #expect(try await task.value != nil)
  }

  @Test("what a source was admitted for passes, also where the route was paused meanwhile")
  func admittedPasses() async throws {
    _ = try await engine.apply(.sample("a"))
    let admission = try await sample.feeds["a"]?.admit()
    try await engine.pause("a")
    #expect(try await sample.send("a", admitted: admission) == .next)
  }

  @Test("a stop ends the wait for admission")
  func stopEndsAdmission() async throws {
    _ = try await engine.apply(.sample("a"))
    try await engine.pause("a")
    let deliver = try #require(sample.feeds["a"])
    async let admission = deliver.admit()
    await engine.stop(grace: .seconds(1))
    #expect(try await admission == nil)
  }

  @Test("a drain waits for what is under way, and for what was admitted")
  func drains() async throws {
    _ = try await engine.apply(.sample("a", steps: "[ { hold: {} } ]"))
    let admission = try await sample.feeds["a"]?.admit()
    async let underWay = sample.send("a", admitted: admission)
    await sample.marks.wait(for: 1)
    let drain = Task { try await engine.drain("a") }
    #expect(try await eventually { await status()?.state == .draining })
    sample.release.signal()
    _ = try await underWay
    #expect(await status()?.state == .draining)
    admission?.end()
    try await drain.value
    #expect(await status()?.state == .paused)
  }

  @Test("a drain that takes too long says so, and leaves the route paused")
  func drainIsOver() async throws {
    _ = try await engine.apply(.sample("a", steps: "[ { hold: {} } ]"))
    async let underWay = sample.send("a")
    await sample.marks.wait(for: 1)
    let drain = Task { try await engine.drain("a", grace: .seconds(3)) }
    await clock.waitForTimers()
    clock.advance(by: .seconds(3))
    let failure = await #expect(throws: Failure.self) { try await drain.value }
    #expect(failure?.kind == .timeout)
    #expect(await status()?.state == .paused)
    sample.release.signal()
    _ = try await underWay
  }

  @Test("a stopped route stays known, and starts again with a new source")
  func stopsAndStarts() async throws {
    _ = try await engine.apply(.sample("a", "b"))
    try await engine.stop(route: "a")
    #expect(sample.ended.all == ["a"])
    #expect(await status()?.state == .stopped)
    let again = try await engine.apply(.sample("a", "b"))
    #expect(again.kept == ["a", "b"])
    #expect(sample.started.all == ["a", "b"])
    try await engine.start(route: "a")
    #expect(await status()?.state == .started)
    #expect(sample.started.all == ["a", "b", "a"])
    #expect(try await sample.send("a") == .next)
  }

  @Test("a stop that waits for what is under way holds up no reload, and the route starts again only behind it")
  func stopsBesideReloads() async throws {
    _ = try await engine.apply(.sample("a", steps: "[ { hold: {} } ]"))
    async let underWay = deliver()
    await sample.marks.wait(for: 1)
    let stop = Task { try await engine.stop(route: "a", grace: .seconds(3600)) }
    #expect(try await eventually { await status()?.state == .stopped })
    #expect(try await engine.apply(.sample("a", "b", steps: "[ { hold: {} } ]")).added == ["b"])
    let failure = await #expect(throws: Failure.self) { try await engine.start(route: "a") }
    #expect(failure?.kind == .unavailable)
    #expect(sample.ended.all == ["a"])
    sample.release.signal()
    _ = try await underWay
    try await stop.value
    try await engine.start(route: "a")
    #expect(await status()?.state == .started)
  }

  @Test("a stop of the engine waits for messages that came from within, and ends the longer wait of others")
  func stopCutsDrains() async throws {
    _ = try await engine.apply(.sample("a", steps: "[ { hold: {} } ]"))
    async let underWay = deliver()
    await sample.marks.wait(for: 1)
    let removal = Task { try await engine.apply(.sample("b"), grace: .seconds(3600)) }
    #expect(try await eventually { sample.ended.all == ["a"] && clock.timers == 1 })
    let stop = Task { await engine.stop(grace: .seconds(5)) }
    #expect(try await eventually { clock.timers == 2 })
    clock.advance(by: .seconds(5))
    _ = try await removal.value
    await stop.value
    sample.release.signal()
    _ = try await underWay
    #expect(sample.ended.all == ["a", "b"])
  }

  @Test("once the engine stops, nothing starts routes again")
  func stopIsFinal() async throws {
    _ = try await engine.apply(.sample("a"))
    _ = try await engine.apply(.sample("a", "b"))
    await engine.stop(grace: .seconds(1))
    let problems = await #expect(throws: Diagnostics.self) { try await engine.apply(.sample("a")) }
    #expect(problems?.all.map(\.message) == ["the engine is stopping"])
    let failures = [
      await #expect(throws: Failure.self) { try await engine.start(route: "a") },
      await #expect(throws: Failure.self) { try await engine.rollback() },
      await #expect(throws: Failure.self) { try await deliver() },
    ]
    #expect(failures.allSatisfy { $0?.kind == .unavailable })
    #expect(await engine.running.isEmpty)
    #expect(sample.started.all == ["a", "b"])
  }

  @Test("a breaker that is not followed any more leaves no source paused")
  func lateObserver() throws {
    let gate = RouteGate(.started)
    let breaker = SampleBreaker(resource: nil)
    gate.follow([("b", breaker)])
    breaker.force(.open)
    gate.refresh()
    #expect(gate.admit([]) == nil)
    gate.follow([])
    gate.refresh()
    #expect(gate.admit([]) != nil)
  }

  private func deliver() async throws -> Next {
    var message = Message()
    return try await engine.deliver(&message, to: "a")
  }

  @Test("a stopped route whose source cannot be prepared stays stopped")
  func cannotStart() async throws {
    _ = try await engine.apply(.sample("a"))
    try await engine.stop(route: "a")
    sample.broken.append("a")
    let failure = await #expect(throws: Failure.self) { try await engine.start(route: "a") }
    #expect(failure?.reason == "route \"a\" cannot start: the address is taken")
    #expect(await status()?.state == .stopped)
  }

  @Test("control survives changes of the route, and is forgotten when it is removed")
  func controlSurvives() async throws {
    _ = try await engine.apply(.sample("a", "b"))
    try await engine.pause("a")
    try await engine.stop(route: "b")
    _ = try await engine.apply(.sample("a", "b", steps: "[ { mark: {} } ]"))
    #expect(await status("a")?.state == .paused)
    #expect(await status("b")?.state == .stopped)
    _ = try await engine.apply(
      .sample(
        text:
          """
          routes:
          - { id: a, from: { feed: { name: other } }, steps: [] }
          - { id: b, from: { feed: { name: another } }, steps: [] }
          """))
    #expect(await status("a")?.state == .paused)
    #expect(await status("b")?.state == .stopped)
    #expect(sample.started.all == ["a", "b", "other"])
    _ = try await engine.apply(.sample("c"))
    _ = try await engine.apply(.sample("a", "b"))
    #expect(await engine.status().map(\.state) == [.started, .started])
  }

  @Test("what is asked of a route that is not there is refused")
  func unknownRoutes() async throws {
    let failures = [
      await #expect(throws: Failure.self) { try await engine.pause("x") },
      await #expect(throws: Failure.self) { try await engine.resume("x") },
      await #expect(throws: Failure.self) { try await engine.drain("x") },
      await #expect(throws: Failure.self) { try await engine.stop(route: "x") },
      await #expect(throws: Failure.self) { try await engine.start(route: "x") },
    ]
    #expect(failures.allSatisfy { $0?.kind == .rejected })
  }

  @Test("a message can be handed to a route from within, by the revision that it is for")
  func delivers() async throws {
    _ = try await engine.apply(.sample("a", steps: "[ { mark: { text: one } } ]"))
    let revision = await status()?.revision
    var message = Message()
    #expect(try await engine.deliver(&message, to: "a", revision: revision) == .next)
    #expect(sample.marks.all == ["one"])
    for (route, revision) in [("a", "other"), ("x", nil)] {
      let failure = await #expect(throws: Failure.self) {
        var message = Message()
        _ = try await engine.deliver(&message, to: route, revision: revision)
      }
      #expect(failure?.kind == .rejected)
    }
  }
}
