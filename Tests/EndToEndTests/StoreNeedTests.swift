import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting
import Testing

@Suite("when the store is opened")
struct StoreNeedTests {
  static let queue = "{ id: a, from: { queue: { name: in } }, steps: [] }"
  static let broken = "{ id: b, from: { queue: { name: in } }, steps: [ { nonsense: {} } ] }"

  let opened = Recorder<Bool>()
  let engine: Engine
  let access: StoreAccess

  init() throws {
    access = StoreAccess { [opened] in
      opened.append(true)
      return MemoryStore()
    }
    engine = try Engine.testing(access)
  }

  private func files(_ routes: String...) -> RouteFiles {
    RouteFiles([.init(path: "routes.yaml", bytes: Array("routes: [ \(routes.joined(separator: ", ")) ]".utf8))])
  }

  @Test("a plan that names a queue, and an apply that is refused, leave the store closed and nobody waiting for it")
  func leftClosed() async throws {
    #expect(try await engine.plan(files(Self.queue)).added == ["a"])
    await #expect(throws: Diagnostics.self) { try await engine.apply(files(Self.queue, Self.broken)) }
    _ = try await engine.apply(files("{ id: c, from: { direct: { name: c } }, steps: [] }"))
    #expect(opened.all.isEmpty)
    #expect(try access.present == nil)
    #expect(try await engine.deadLetters.list().isEmpty)
  }

  @Test("an apply of a route that works on it opens the store, once")
  func opens() async throws {
    for steps in ["[]", "[ { stop: {} } ]"] {
      _ = try await engine.apply(files(Self.queue.replacing("[]", with: steps)))
    }
    #expect(opened.all.count == 1)
    #expect(try access.present != nil)
    await engine.stop(grace: .zero)
    await access.close()
    #expect(throws: Failure.self) { try access.present }
  }

  @Test("while the store cannot be written, the routes that work on it are not ready, and are again by themselves")
  func trouble() async throws {
    let flaky = FlakyStore(MemoryStore())
    let engine = try Engine.testing(StoreAccess(flaky))
    let kept = "resources: { kept: { dead_letter: {} } }\n"
    let routes = """
      routes:
        - { id: a, from: { queue: { name: in } }, steps: [] }
        - { id: b, from: { direct: { name: b } }, steps: [] }
        - { id: c, from: { direct: { name: c } }, middleware: [ { use: kept } ], steps: [] }
        - { id: d, from: { direct: { name: d } }, middleware: [ { use: kept } ], steps: [STEPS] }
      """
    for steps in ["", "{ stop: {} }"] {
      try await engine.apply(kept + routes.replacing("STEPS", with: steps))
      flaky.become(.fail(.unavailable))
      #expect(await engine.status().map(\.isReady) == [false, true, false, false])
      #expect(await engine.status().first?.notReady == "the test wants it so")
      flaky.become(.succeed)
      #expect(await engine.status().allSatisfy(\.isReady))
    }
    // Nobody had to write for that: who looks tries.
    #expect(flaky.calls.all.contains(.other))
    await engine.stop(grace: .zero)
  }

  @Test("a store that is wanted whatever the routes are is opened with the first of them, and missed before")
  func wanted() async throws {
    let access = StoreAccess(isWanted: true) { MemoryStore() }
    #expect(throws: Failure.self) { try access.present }
    try await access.open(ifNeeded: false)
    #expect(try access.present != nil)
  }
}
