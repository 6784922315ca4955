import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("generations")
struct GenerationTests {
  let sample = Sample()
  let metrics = Metrics()
  let engine: Engine

  init() { engine = sample.engine(metrics: metrics) }

  @Test("a plan says what an apply would do, and does nothing")
  func plans() async throws {
    _ = try await engine.apply(.sample("a", "b", "c"))
    let plan = try await engine.plan(
      .sample(
        text:
          """
          routes:
          - { id: a, from: { feed: { name: a } }, steps: [ { mark: {} } ], description: new }
          - { id: b, from: { feed: { name: other } }, steps: [] }
          - { id: d, from: { feed: { name: d } }, steps: [] }
          """))
    #expect(plan.changed == ["a", "b"])
    #expect(plan.changes == ["a": ["description", "steps"], "b": ["source"]])
    #expect(plan.added == ["d"])
    #expect(plan.removed == ["c"])
    #expect(
      plan.description == """
        add     d
        change  a: description, steps
        change  b: source
        remove  c
        0 routes stay as they are
        """)
    #expect(await engine.running.map(\.id) == ["a", "b", "c"])
    await #expect(throws: Diagnostics.self) { try await engine.plan(.sample(text: "routes: 5")) }
  }

  @Test("each change is kept with its reason, and what changes nothing is not")
  func keeps() async throws {
    _ = try await engine.apply(.sample("a"))
    _ = try await engine.apply(.sample("a"), reason: "signal")
    _ = try await engine.apply(.sample("a", "b"), reason: "files")
    let all = try await engine.generations()
    #expect(all.map(\.number) == [2, 1])
    #expect(all.map(\.reason) == ["files", "start"])
    #expect(all.map(\.routes) == [["a", "b"], ["a"]])
    #expect(all.flatMap(\.files) == [])
    #expect(try await engine.generation(1)?.files.map(\.path) == ["routes.yaml"])
  }

  @Test("only the last twenty are kept")
  func limit() async throws {
    for number in 1...25 { _ = try await engine.apply(.sample("a", steps: "[ { mark: { text: t\(number) } } ]")) }
    #expect(try await engine.generations().map(\.number) == (6...25).reversed())
  }

  @Test("a rollback applies an earlier generation as a new one")
  func rollsBack() async throws {
    _ = try await engine.apply(.sample("a"))
    _ = try await engine.apply(.sample("a", "b"))
    _ = try await engine.apply(.sample("c"))
    let applied = try await engine.rollback()
    #expect(applied.generation == 4)
    #expect(await engine.running.map(\.id) == ["a", "b"])
    _ = try await engine.rollback(to: 1)
    #expect(await engine.running.map(\.id) == ["a"])
    #expect(
      try await engine.generations().map(\.reason) == ["rollback to 1", "rollback to 2", "start", "start", "start"])
    let failure = await #expect(throws: Failure.self) { try await engine.rollback(to: 99) }
    #expect(failure?.kind == .rejected)
  }

  @Test("a second rollback goes further back, and not to what was rolled back")
  func rollsBackTwice() async throws {
    for id in ["a", "b", "c"] { _ = try await engine.apply(.sample(id)) }
    _ = try await engine.rollback()
    #expect(await engine.running.map(\.id) == ["b"])
    _ = try await engine.rollback()
    #expect(await engine.running.map(\.id) == ["a"])
    await #expect(throws: Failure.self) { try await engine.rollback() }
    _ = try await engine.apply(.sample("d"))
    _ = try await engine.rollback()
    #expect(await engine.running.map(\.id) == ["a"])
  }

  @Test("a number is given once, also where the store failed to keep a generation")
  func uniqueNumbers() async throws {
    let store = FlakyStore(MemoryStore(clock: ManualClock()))
    var services = Services()
    services[StoreAccess.self] = StoreAccess(store)
    let engine = sample.engine(services: services)
    var numbers = [try await engine.apply(.sample("a")).generation]
    store.become(.fail(.unavailable), on: [.other])
    numbers.append(try await engine.apply(.sample("b")).generation)
    store.become(.succeed)
    numbers.append(try await engine.apply(.sample("c")).generation)
    #expect(numbers == [1, 2, 3])
    #expect(try await engine.generations().map(\.number) == [3, 2, 1])
    #expect(try await engine.generation(2)?.routes == ["b"])
  }

  @Test("an end of all routes is no generation to roll back to")
  func stopIsNone() async throws {
    _ = try await engine.apply(.sample("a"))
    await engine.stop(grace: .seconds(1))
    #expect(try await engine.generations().count == 1)
    await #expect(throws: Failure.self) { try await engine.rollback() }
  }

  @Test("what a reference stands for is never kept")
  func noSecrets() async throws {
    _ = try await engine.apply(
      .sample(text: "routes:\n- { id: a, from: { feed: { name: \"${env:GREETING}\" } }, steps: [] }"))
    let text = try await engine.generation(1)?.files.map { String(decoding: $0.bytes, as: UTF8.self) }.joined()
    #expect(text?.contains("${env:GREETING}") == true)
    #expect(text?.contains("hello") == false)
  }

  @Test("applies are counted by what came of them")
  func counted() async throws {
    func count(_ outcome: String) -> Int {
      metrics.counter("omnibus_reloads_total", "", [("outcome", outcome)]).value
    }
    _ = try await engine.apply(.sample("a"))
    _ = try await engine.apply(.sample("a"))
    await #expect(throws: Diagnostics.self) { try await engine.apply(.sample(text: "routes: 5")) }
    engine.noteRefusedReload()
    #expect([count("changed"), count("unchanged"), count("failed")] == [1, 1, 2])
    #expect(metrics.gauge("omnibus_generation", "").value == 1)
    #expect(metrics.gauge("omnibus_reload_last_success_timestamp_seconds", "").value == 1_700_000_000)
  }
}
