import Logging
import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("apply")
struct ApplyTests {
  let sample = Sample()
  let clock = ManualClock()
  let engine: Engine

  init() {
    engine = Engine(
      plugins: [sample.plugin],
      environment: EngineEnvironment(
        reactors: Context.testing().reactors, clock: clock,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
        settings: SettingsReader { ["GREETING": "hello"][$0] }))
  }

  private func files(_ text: String) -> RouteFiles { RouteFiles([.init(path: "routes.yaml", bytes: Array(text.utf8))]) }

  private func route(_ id: String, _ steps: String, from: String? = nil) -> String {
    "- { id: \(id), from: { feed: { name: \(from ?? id) } }, steps: \(steps) }\n"
  }

  @Test("a start is an apply from nothing, an end an apply of nothing")
  func startAndStop() async throws {
    let applied = try await engine.apply(files("routes:\n" + route("a", "[]") + route("b", "[]")))
    #expect(applied.generation == 1)
    #expect(applied.added == ["a", "b"])
    #expect(await engine.running.map(\.id) == ["a", "b"])
    await engine.stop(grace: .seconds(1))
    #expect(sample.ended.all.sorted() == ["a", "b"])
    #expect(await engine.running.isEmpty)
  }

  @Test("a route whose revision is the same is not touched")
  func unchanged() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]")))
    let again = try await engine.apply(files("# a comment\nroutes:\n\n" + route("a", "[ ]") + route("b", "[]")))
    #expect(again.kept == ["a"])
    #expect(again.added == ["b"])
    #expect(sample.started.all == ["a", "b"])
  }

  @Test("changed steps take new messages while the source stays, and those under way finish on the old ones")
  func changedSteps() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[ { hold: {} }, { mark: { text: old } } ]")))
    async let underWay = sample.send("a")
    _ = await sample.marks.wait(for: 1)
    let applied = try await engine.apply(files("routes:\n" + route("a", "[ { mark: { text: new } } ]")))
    #expect(applied.changed == ["a"])
    _ = try await sample.send("a")
    sample.release.signal()
    _ = try await underWay
    #expect(sample.marks.all == ["held", "new", "old"])
    #expect(sample.started.all == ["a"])
  }

  @Test("a changed source starts after the former one has drained")
  func changedSource() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]", from: "first")))
    _ = try await engine.apply(files("routes:\n" + route("a", "[]", from: "second")))
    #expect(sample.started.all == ["first", "second"])
    #expect(sample.ended.all == ["first"])
  }

  @Test("a route that got another name takes over when the former one has drained")
  func renamed() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]", from: "folder")))
    let applied = try await engine.apply(files("routes:\n" + route("b", "[]", from: "folder")))
    #expect(applied.removed == ["a"])
    #expect(applied.added == ["b"])
    #expect(sample.events.all == ["folder started", "folder ended", "folder started"])
  }

  @Test("two routes cannot take from the same place, also when one of them runs already")
  func claims() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]", from: "folder")))
    let problems = await #expect(throws: Diagnostics.self) {
      try await engine.apply(
        files("routes:\n" + route("a", "[]", from: "folder") + route("b", "[]", from: "folder")))
    }
    #expect(problems?.all.map(\.code) == ["conflicting-sources"])
    #expect(problems?.all.first?.message == "route \"a\" takes messages from feed folder already")
  }

  @Test("a routes file that moved is a change: relative paths start from its folder")
  func moved() async throws {
    let text = Array(("routes:\n" + route("a", "[]")).utf8)
    _ = try await engine.apply(RouteFiles([.init(path: "one/routes.yaml", bytes: text)]))
    let applied = try await engine.apply(RouteFiles([.init(path: "two/routes.yaml", bytes: text)]))
    #expect(applied.changed == ["a"])
  }

  @Test("one mistake leaves everything as it was, and all mistakes of all files are told")
  func mistakes() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]")))
    let broken = RouteFiles([
      .init(path: "one.yaml", bytes: Array("routes:\n- { id: a, from: { fed: {} }, steps: [ { mrk: {} } ] }".utf8)),
      .init(path: "two.yaml", bytes: Array("routes: 5\nconections: {}".utf8)),
    ])
    let problems = await #expect(throws: Diagnostics.self) { try await engine.apply(broken) }
    #expect(
      problems?.all.map(\.code) == ["unknown-source", "unknown-step", "not-a-list", "unknown-key"])
    #expect(await engine.running.map(\.id) == ["a"])
    #expect(sample.ended.all.isEmpty)
  }

  @Test("no step is called as another one, also where one of them was given no id")
  func stepNames() async throws {
    for steps in ["[ { mark: {} }, { mark: {}, id: mark-1 } ]", "[ { mark: {}, id: mark-2 }, { mark: {} } ]"] {
      let problems = await #expect(throws: Diagnostics.self) {
        try await engine.apply(files("routes:\n" + route("a", steps)))
      }
      #expect(problems?.all.map(\.code) == ["duplicate-step"])
    }
  }

  @Test("what a reference stands for is in no problem of sources that want the same")
  func claimsHideReferences() async throws {
    let secret = "- { id: ID, from: { feed: { name: \"${env:GREETING}\" } }, steps: [] }\n"
    let problems = await #expect(throws: Diagnostics.self) {
      try await engine.apply(
        files("routes:\n" + secret.replacing("ID", with: "a") + secret.replacing("ID", with: "b")))
    }
    #expect(problems?.all.map(\.message) == ["route \"a\" takes messages from the same place already"])
  }

  @Test("a source that cannot be prepared leaves everything as it was")
  func unprepared() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]")))
    sample.broken.append("b")
    let problems = await #expect(throws: Diagnostics.self) {
      try await engine.apply(files("routes:\n" + route("a", "[ { mark: {} } ]") + route("b", "[]")))
    }
    #expect(problems?.all.map(\.code) == ["cannot-start"])
    #expect(problems?.all.first?.message == "route \"b\" cannot start: the address is taken")
    #expect(sample.started.all == ["a"])
    _ = try await sample.send("a")
    #expect(sample.marks.all.isEmpty)
  }

  @Test("sources are prepared all at once, and one that is refused again when the others are through")
  func preparedTogether() async throws {
    sample.broken.append("b")
    let text = ["meets-1", "meets-2"].map { route($0, "[]") }.joined()
    #expect(try await engine.apply(files("routes:\n" + text)).added == ["meets-1", "meets-2"])
    await #expect(throws: Diagnostics.self) {
      try await engine.apply(files("routes:\n" + route("a", "[]") + route("b", "[]")))
    }
    #expect(sample.prepared.all.filter { $0 == "a" }.count == 1)
    #expect(sample.prepared.all.filter { $0 == "b" }.count == 2)
  }

  @Test("who is cancelled while sources are prepared waits no longer, and has changed nothing")
  func cancelled() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[]")))
    let apply = Task { try await engine.apply(files("routes:\n" + route("waits", "[]"))) }
    await sample.prepared.wait(for: 2)
    apply.cancel()
    let problems = await #expect(throws: Diagnostics.self) { try await apply.value }
    #expect(problems?.all.map(\.message) == ["the routes are not applied, as that was given up"])
    #expect(await engine.running.map(\.id) == ["a"])
    #expect(sample.ended.all.isEmpty)
  }

  @Test("the end of the engine waits for no source that is being prepared")
  func stoppedMeanwhile() async throws {
    let apply = Task { try await engine.apply(files("routes:\n" + route("waits", "[]"))) }
    await sample.prepared.wait(for: 1)
    await engine.stop(grace: .zero)
    let problems = await #expect(throws: Diagnostics.self) { try await apply.value }
    #expect(problems?.all.map(\.message) == ["the engine is stopping"])
    #expect(sample.started.all.isEmpty)
  }

  @Test("a route that is gone lets what is under way finish")
  func removed() async throws {
    _ = try await engine.apply(files("routes:\n" + route("a", "[ { hold: {} } ]") + route("b", "[]")))
    async let underWay = sample.send("a")
    _ = await sample.marks.wait(for: 1)
    sample.release.signal()
    let applied = try await engine.apply(files("routes:\n" + route("b", "[]")))
    #expect(applied.removed == ["a"])
    #expect(applied.kept == ["b"])
    _ = try await underWay
  }

  @Test("a change of a connection, a resource or a variable is a change of the routes that name it")
  func namedChanges() async throws {
    let text = """
      connections: { c: { feed: { name: one } } }
      resources: { r: { around: { text: R } } }
      routes:
      - { id: a, from: { feed: { connection: c } }, steps: [] }
      - { id: b, from: { feed: { name: b } }, middleware: [ { use: r } ], steps: [] }
      - { id: c, from: { feed: { name: "${env:GREETING}" } }, steps: [] }
      - { id: d, from: { feed: { name: d } }, steps: [] }
      """
    _ = try await engine.apply(files(text))
    #expect(sample.started.all == ["one", "b", "hello", "d"])
    let applied = try await engine.apply(
      files(text.replacing("name: one", with: "name: two").replacing("text: R", with: "text: S")))
    #expect(applied.changed == ["a", "b"])
    #expect(applied.kept == ["c", "d"])
  }

  @Test("middleware belongs to what it is written on, and the first listed is the outermost")
  func middlewareOrder() async throws {
    _ = try await engine.apply(
      files(
        """
        routes:
        - id: a
          from: { feed: { name: a } }
          middleware: [ { around: { text: 1 } }, { around: { text: 2 } } ]
          steps:
            - mark: { text: step }
              middleware: [ { around: { text: 3 } } ]
            - mark: { text: bare }
        """))
    _ = try await sample.send("a")
    #expect(sample.marks.all == ["1 in", "2 in", "3 in", "step", "3 out", "bare", "2 out", "1 out"])
  }

  @Test("a route that ends in a one-way destination answers without a body")
  func oneWayEnd() async throws {
    _ = try await engine.apply(
      files("routes:\n" + route("a", "[ { to: { sink: { name: x } } } ]") + route("b", "[ { mark: {} } ]")))
    #expect(try await sample.send("a") == .done)
    #expect(try await sample.send("b") == .next)
  }

  @Test("steps that stand behind a one-way destination run, and then the last of them counts")
  func oneWayInside() async throws {
    _ = try await engine.apply(
      files(
        "routes:\n" + route("a", "[ { to: { sink: { name: x } } }, { mark: {} } ]")
          + route("b", "[ { mark: {} }, { to: { sink: { name: x } }, middleware: [ { around: {} } ] } ]")
          + route("c", "[ { to: { sink: { name: x } }, reply: ignore } ]")))
    #expect(try await sample.send("a") == .next)
    #expect(try await sample.send("b") == .done)
    #expect(try await sample.send("c") == .done)
    #expect(sample.marks.all.filter(\.isEmpty).count == 2)
  }

  @Test("calls of apply at the same time take turns")
  func turns() async throws {
    async let one = engine.apply(files("routes:\n" + route("a", "[]")))
    async let two = engine.apply(files("routes:\n" + route("a", "[]")))
    let applied = try await [one, two]
    #expect(applied.map(\.added).sorted { $0.count < $1.count } == [[], ["a"]])
    #expect(applied.map(\.generation) == [1, 1])
    #expect(sample.started.all == ["a"])
  }
}
