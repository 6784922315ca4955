import Logging
import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting
import Testing

@testable import omnibus

/// Dead letters of whole routes, with all plugins of the program.
@Suite("dead letters of routes")
struct ReplayTests {
  let memory = MemorySystem()
  let store: MemoryStore
  let engine: Engine

  init() throws {
    let clock = ManualClock()
    store = MemoryStore(clock: clock)
    var environment = try EngineSetup.environment()
    environment.clock = clock
    environment.services[StoreAccess.self] = StoreAccess(store)
    engine = Engine(plugins: builtInPlugins + [memory.plugin], environment: environment)
  }

  private func apply(_ yaml: String) async throws {
    _ = try await engine.apply(RouteFiles([.init(path: "routes.yaml", bytes: Array(yaml.utf8))]), grace: .zero)
  }

  private func send(_ body: String) async throws -> Message {
    let headers: Headers = ["content-type": "application/json"]
    return try await memory.send(Message(headers: headers, body: .bytes(Array(body.utf8))), to: "in")
  }

  private func bodies(_ name: String) -> [String] {
    memory.destination(name).received.all.map { String(decoding: (try? $0.bodyBytes()) ?? [], as: UTF8.self) }
  }

  private func letters() async throws -> [DeadLetter] { try await engine.deadLetters.list() }

  @Test("a message that fails ends well for its sender, and its replay begins the route anew, by its present revision")
  func route() async throws {
    let route = """
      routes:
        - id: orders
          from: { memory: { name: in } }
          middleware: [ { dead_letter: {} } ]
          steps:
            - map: { order: "${ body.number }", by: NAME }
            - to: { memory: { name: out } }
      """
    try await apply(route.replacing("NAME", with: "first"))
    memory.destination("out").become([.fail(.rejected), .fail(.unavailable)], then: .succeed)
    _ = try await send(#"{"number": 7}"#)
    let letter = try #require(try await letters().first)
    try await apply(route.replacing("NAME", with: "second"))
    let results = Recorder<ReplayResult>()
    for _ in 0..<2 { _ = try await engine.deadLetters.replay(.ids([letter.id])) { results.append($0) } }
    #expect(results.all.map(\.outcome) == [.failed(.unavailable, reason: "the test wants it so"), .replayed])
    #expect(results.all[0].revision != letter.attempts[0].revision && results.all[0].revision != nil)
    #expect(bodies("out").map { $0.contains("second") } == [false, true, true])
    #expect(try await letters().isEmpty)
  }

  @Test("the replay of a message that failed in a step goes on there, with what stands behind it, and not before")
  func step() async throws {
    try await apply(
      """
      routes:
        - id: orders
          from: { memory: { name: in } }
          steps:
            - to: { memory: { name: before } }
            - choice:
                - when: body.number == 7
                  steps:
                    - do:
                        steps:
                          - map: { charged: "${ body.number }" }
                          - to: { memory: { name: out } }
                      id: charge
                      middleware: [ { dead_letter: {} } ]
                    - to: { memory: { name: inside } }
            - to: { memory: { name: behind } }
      """)
    memory.destination("out").become([.fail(.rejected)], then: .succeed)
    _ = try await send(#"{"number": 7}"#)
    let letter = try #require(try await letters().first)
    #expect(letter.entry == "charge" && bodies("inside").isEmpty && bodies("behind").isEmpty)
    #expect(try await engine.deadLetters.replay(.ids([letter.id])).replayed == 1)
    #expect(bodies("before").count == 1 && bodies("out").count == 2)
    #expect(bodies("inside") == [#"{"charged":7}"#] && bodies("behind") == [#"{"charged":7}"#])
  }

  @Test("parts that fail are letters of their own, the others go on, and a replay works on the part alone")
  func parts() async throws {
    try await apply(
      """
      routes:
        - id: orders
          from: { memory: { name: in } }
          steps:
            - split:
                each: body
                steps:
                  - do:
                      steps: [ { to: { memory: { name: out } } } ]
                    id: each-part
                    middleware: [ { dead_letter: {} } ]
                  - to: { memory: { name: done } }
            - to: { memory: { name: behind } }
      """)
    memory.destination("out").become([.succeed, .fail(.rejected), .succeed, .fail(.invalid)], then: .succeed)
    _ = try await send("[1, 2, 3, 4]")
    #expect(bodies("done") == ["1", "3"] && bodies("behind").count == 1)
    let ids = try await letters().map(\.id)
    #expect(ids.count == 2 && ids[0].hasSuffix("/1@orders") && ids[1].hasSuffix("/3@orders"))
    #expect(try await engine.deadLetters.replay(.matching(DeadLetterFilter(route: "orders"))).replayed == 2)
    #expect(bodies("done") == ["1", "3", "2", "4"] && bodies("behind").count == 1)
  }

  @Test("a letter stays where its route or its step is gone, or the route is paused, and the result says so")
  func gone() async throws {
    let route = """
      routes:
        - id: orders
          from: { memory: { name: in } }
          steps:
            - to: { memory: { name: out } }
              id: NAME
              middleware: [ { dead_letter: {} } ]
      """
    try await apply(route.replacing("NAME", with: "send"))
    memory.destination("out").become([.fail(.rejected)], then: .succeed)
    _ = try await send("{}")
    let id = try #require(try await letters().first?.id)
    let results = Recorder<ReplayResult>()
    try await engine.pause("orders")
    _ = try await engine.deadLetters.replay(.ids([id])) { results.append($0) }
    try await engine.resume("orders")
    _ = try await engine.deadLetters.replay(.ids([id]), revision: "other") { results.append($0) }
    try await apply(route.replacing("NAME", with: "post"))
    _ = try await engine.deadLetters.replay(.ids([id])) { results.append($0) }
    try await apply("routes: []")
    _ = try await engine.deadLetters.replay(.ids([id])) { results.append($0) }
    let reasons = results.all.map { if case .refused(let reason) = $0.outcome { reason } else { "\($0.outcome)" } }
    #expect(reasons[0] == "the route \"orders\" takes no messages now")
    #expect(reasons[1].hasPrefix("the route \"orders\" has another revision, "))
    #expect(reasons[2] == "the route \"orders\" keeps no dead letters at a step \"send\" any more")
    #expect(reasons[3] == "no route is called \"orders\"")
    #expect(try await letters().map(\.attempts.count) == [1] && bodies("out").count == 1)
  }

  @Test(
    "a resend after a failure is worked on, one after success is a duplicate, and the replay then does nothing twice")
  func idempotent() async throws {
    try await apply(
      """
      routes:
        - id: orders
          from: { memory: { name: in } }
          middleware:
            - dead_letter: {}
            - idempotent: { key: body.number }
          steps:
            - to: { memory: { name: out } }
      """)
    memory.destination("out").become([.fail(.unavailable)], then: .succeed)
    for _ in 0..<3 { _ = try await send(#"{"number": 7}"#) }
    #expect(bodies("out").count == 2)
    let id = try #require(try await letters().first?.id)
    #expect(try await engine.deadLetters.replay(.ids([id])).replayed == 1)
    #expect(bodies("out").count == 2)
    #expect(try await letters().isEmpty)
  }

  @Test("a route without dead_letter adds to the letter, too")
  func without() async throws {
    let route = """
      routes:
        - id: orders
          from: { memory: { name: in } }
          MIDDLEWARE
          steps: [ { to: { memory: { name: out } } } ]
      """
    try await apply(route.replacing("MIDDLEWARE", with: "middleware: [ { dead_letter: {} } ]"))
    memory.destination("out").become(then: .fail(.rejected))
    _ = try await send("{}")
    try await apply(route.replacing("MIDDLEWARE", with: "description: without"))
    let id = try #require(try await letters().first?.id)
    #expect(try await engine.deadLetters.replay(.ids([id])).failed == 1)
    #expect(try await letters().first?.attempts.count == 2)
  }

  @Test(
    "letters and keys are there after a restart, sealed or not", arguments: [nil, [UInt8](repeating: 7, count: 32)])
  func restart(_ key: [UInt8]?) async throws {
    let folder = TemporaryDirectory()
    let route = """
      routes:
        - id: orders
          from: { memory: { name: in } }
          middleware:
            - dead_letter: {}
            - idempotent: { key: body.number }
          steps:
            - set: { properties: { kind: "${ headers.kind }" } }
            - to: { memory: { name: out } }
              id: send
              middleware: [ { dead_letter: {} } ]
      """
    memory.destination("out").become([.succeed, .fail(.rejected)], then: .succeed)
    for run in 0..<2 {
      let clock = ManualClock(wallTime: 1_700_000_000 + Double(run))
      let store = try SQLiteStore(directory: folder.path, key: key, clock: clock)
      var environment = try EngineSetup.environment()
      environment.services[StoreAccess.self] = StoreAccess(store)
      let engine = Engine(plugins: builtInPlugins + [memory.plugin], environment: environment)
      _ = try await engine.apply(RouteFiles([.init(path: "routes.yaml", bytes: Array(route.utf8))]), grace: .zero)
      func send(_ number: Int) async throws {
        let headers: Headers = ["content-type": "application/json", "kind": "new"]
        _ = try await memory.send(
          Message(headers: headers, body: .bytes(Array("{\"number\":\(number)}".utf8))), to: "in")
      }
      if run == 0 {
        try await send(1)
        try await send(2)
      } else {
        try await send(1)
        let letter = try #require(try await engine.deadLetters.list().first)
        #expect(letter.entry == "send" && letter.message.properties["kind"] == nil)
        let whole = try await engine.deadLetters.show(letter.id, withBody: true)
        #expect(whole?.message.properties["kind"]?.string == "new")
        #expect(try await engine.deadLetters.replay(.ids([letter.id])).replayed == 1)
        #expect(try await engine.deadLetters.counts().isEmpty)
      }
      await engine.stop(grace: .zero)
      await store.close()
    }
    #expect(bodies("out") == [#"{"number":1}"#, #"{"number":2}"#, #"{"number":2}"#])
  }
}
