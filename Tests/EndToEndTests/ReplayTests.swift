import Logging
import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting
import Testing

/// Dead letters of whole routes, with all plugins of the program.
@Suite("dead letters of routes")
struct ReplayTests {
  let memory = MemorySystem()
  let store: MemoryStore
  let engine: Engine

  init() throws {
    let clock = ManualClock()
    store = MemoryStore(clock: clock)
    engine = try Engine.testing(StoreAccess(store), memory, clock: clock)
  }

  private func send(_ body: String) async throws -> Message {
    let headers: Headers = ["content-type": "application/json"]
    return try await memory.send(Message(headers: headers, body: .bytes(Array(body.utf8))), to: "in")
  }

  private func bodies(_ name: String) -> [String] {
    memory.destination(name).received.all.map { String(decoding: (try? $0.bodyBytes()) ?? [], as: UTF8.self) }
  }

  private func letters() async throws -> [DeadLetter] { try await engine.deadLetters.list() }

  private func replay(_ id: String, revision: String? = nil) async throws -> ReplayResult {
    try await engine.deadLetters.replay(id, revision: revision)
  }

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
    try await engine.apply(route.replacing("NAME", with: "first"))
    memory.destination("out").become([.fail(.rejected), .fail(.unavailable)], then: .succeed)
    _ = try await send(#"{"number": 7}"#)
    let letter = try #require(try await letters().first)
    try await engine.apply(route.replacing("NAME", with: "second"))
    let results = [try await replay(letter.id), try await replay(letter.id)]
    #expect(results.map(\.outcome) == [.failed(.unavailable, reason: "the test wants it so"), .replayed])
    #expect(results[0].revision != letter.attempts[0].revision && results[0].revision != nil)
    #expect(bodies("out").map { $0.contains("second") } == [false, true, true])
    #expect(try await letters().isEmpty)
  }

  @Test(
    "a letter that is made after a reload names the revision that the message ran on, and not the one before",
    arguments: ["{ memory: { name: in } }", "{ queue: { name: in, attempts: 1 } }"])
  func revision(_ source: String) async throws {
    let isQueue = source.contains("queue")
    let route = """
      routes:
        - id: orders
          from: \(source)
          middleware: [ \(isQueue ? "" : "{ dead_letter: {} }") ]
          steps:
            - set: { properties: { by: NAME } }
            - to: { memory: { name: out } }
              id: deliver
              middleware: [ \(isQueue ? "" : "{ dead_letter: { on: [timeout] } }") ]
      """
    memory.destination("out").become([.fail(.rejected), .fail(.rejected), .fail(.timeout)], then: .fail(.timeout))
    var revisions: [String] = []
    for name in ["first", "second", "third"] {
      try await engine.apply(route.replacing("NAME", with: name))
      revisions.append(try #require(await engine.status().first?.revision))
      if isQueue {
        try await store.append(QueueEntry(Message(body: .bytes([1]))), to: "in")
      } else {
        _ = try await send("{}")
      }
      #expect(try await eventually { try await letters().count == revisions.count })
    }
    #expect(Set(revisions).count == 3)
    #expect(try await letters().map { $0.attempts.map(\.revision) } == revisions.map { [$0] })
  }

  @Test("the replay of a message that failed in a step goes on there, with what stands behind it, and not before")
  func step() async throws {
    try await engine.apply(
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
    #expect(try await replay(letter.id).outcome == .replayed)
    #expect(bodies("before").count == 1 && bodies("out").count == 2)
    #expect(bodies("inside") == [#"{"charged":7}"#] && bodies("behind") == [#"{"charged":7}"#])
  }

  @Test("parts that fail are letters of their own, the others go on, and a replay works on the part alone")
  func parts() async throws {
    try await engine.apply(
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
    #expect(try await engine.deadLetters.replay(DeadLetterFilter(route: "orders")).done == 2)
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
    try await engine.apply(route.replacing("NAME", with: "send"))
    memory.destination("out").become([.fail(.rejected)], then: .succeed)
    _ = try await send("{}")
    let id = try #require(try await letters().first?.id)
    try await engine.pause("orders")
    var results = [try await replay(id)]
    try await engine.resume("orders")
    results.append(try await replay(id, revision: "other"))
    try await engine.apply(route.replacing("NAME", with: "post"))
    results.append(try await replay(id))
    try await engine.apply("routes: []")
    results.append(try await replay(id))
    let reasons = results.map { if case .refused(let reason) = $0.outcome { reason } else { "\($0.outcome)" } }
    #expect(reasons[0] == "the route \"orders\" takes no messages now")
    #expect(reasons[1].hasPrefix("the route \"orders\" has another revision, "))
    #expect(reasons[2] == "the route \"orders\" keeps no dead letters at a step \"send\" any more")
    #expect(reasons[3] == "no route is called \"orders\"")
    #expect(try await letters().map(\.attempts.count) == [1] && bodies("out").count == 1)
  }

  @Test(
    "a resend after a failure is worked on, one after success is a duplicate, and the replay then does nothing twice")
  func idempotent() async throws {
    try await engine.apply(
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
    #expect(try await replay(id).outcome == .replayed)
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
    try await engine.apply(route.replacing("MIDDLEWARE", with: "middleware: [ { dead_letter: {} } ]"))
    memory.destination("out").become(then: .fail(.rejected))
    _ = try await send("{}")
    try await engine.apply(route.replacing("MIDDLEWARE", with: "description: without"))
    let id = try #require(try await letters().first?.id)
    #expect(try await replay(id).outcome == .failed(.rejected, reason: "the test wants it so"))
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
      let engine = try Engine.testing(StoreAccess(store), memory)
      try await engine.apply(route)
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
        #expect(try await engine.deadLetters.replay(letter.id).outcome == .replayed)
        #expect(try await engine.deadLetters.counts().isEmpty)
      }
      await engine.stop(grace: .zero)
      await store.close()
    }
    #expect(bodies("out") == [#"{"number":1}"#, #"{"number":2}"#, #"{"number":2}"#])
  }
}
