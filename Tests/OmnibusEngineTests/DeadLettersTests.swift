import Logging
import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import OmnibusEngine

@Suite("dead letters, replayed and dropped")
struct DeadLettersTests {
  let clock = ManualClock()
  let replays = Replays()
  let route = FlakyDestination()
  let store: MemoryStore
  let letters: DeadLetters

  init() {
    let store = MemoryStore(clock: clock)
    let context = Context.testing(clock: clock)
    self.store = store
    letters = DeadLetters(
      StoreAccess(store),
      EngineEnvironment(
        reactors: context.reactors, blocking: context.blocking, clock: clock,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }), replays
    ) { [route] message, id, revision in
      guard id != "gone", revision == nil || revision == "r2" else {
        throw Failure(.rejected, "there is no such route")
      }
      message.delivery?.replay?.begin(on: "r2")
      return try await route.process(&message, context)
    }
  }

  /// Keeps a letter, and answers its id.
  @discardableResult
  private func keep(_ route: String = "orders", _ kind: Failure.Kind = .rejected, at time: Double? = nil) async throws
    -> String
  {
    let message = Message(headers: ["x": "in"], body: .bytes(Array("body".utf8)))
    let time = time ?? clock.wallTime
    let letter = DeadLetter(
      id: DeadLetter.id(of: message, in: route), route: route, message: message, size: 4, received: time,
      attempts: [.init(Failure(kind, "no"), revision: "r1", tries: 1, time: time)])
    try await store.keep(letter)
    return letter.id
  }

  @Test("a message that is worked on is the one that came in, and its letter is gone")
  func replayed() async throws {
    let id = try await keep()
    let result = try await letters.replay(id)
    #expect(result == ReplayResult(letter: id, route: "orders", revision: "r2", outcome: .replayed))
    let message = try #require(route.received.all.first)
    #expect(id.hasPrefix("\(message.id)@") && message.headers["x"] == "in")
    #expect(message.delivery?.deadLetter == id && message.delivery?.attempt == 2)
    #expect(try await store.deadLetter(id, withBody: true) == nil)
  }

  @Test("one that fails again keeps its letter, with all that happened, and the body as it came in")
  func failedAgain() async throws {
    let id = try await keep()
    route.become([.fail(.unavailable), .fail(.timeout)], then: .succeed)
    for _ in 0..<2 {
      clock.advance(by: .seconds(60))
      #expect(try await letters.replay(id).revision == "r2")
    }
    let letter = try #require(try await store.deadLetter(id, withBody: true))
    #expect(letter.attempts.map(\.kind) == [.rejected, .unavailable, .timeout])
    #expect(letter.attempts.map(\.revision) == ["r1", "r2", "r2"])
    #expect(letter.attempts.map(\.time) == [0, 60, 120].map { 1_700_000_000 + $0 })
    #expect(try letter.message.bodyBytes() == Array("body".utf8))
    #expect(try await letters.replay(id).outcome == .replayed)
  }

  @Test("a letter whose route is gone, or of another revision than is asked for, stays as it was")
  func refused() async throws {
    let gone = try await keep("gone")
    let other = try await keep()
    let results = [
      try await letters.replay(gone), try await letters.replay(other, revision: "r9"),
      try await letters.replay("nothing", revision: "r9"),
    ]
    #expect(results.map(\.revision) == [nil, nil, nil])
    #expect(
      results.map(\.outcome) == [
        .refused("there is no such route"), .refused("there is no such route"), .refused("there is no such letter"),
      ])
    #expect(try await letters.list().allSatisfy { $0.attempts.count == 1 })
    #expect(try await letters.counts() == ["gone": 1, "orders": 1])
    #expect(try await letters.replay(DeadLetterFilter(route: "orders"), revision: "r9").refused == 1)
    #expect(try await letters.replay(other, revision: "r2").outcome == .replayed)
  }

  @Test("of two who replay a letter at once the second is refused, and so is who drops it")
  func twice() async throws {
    let id = try await keep()
    let release = StopSignal()
    route.become(then: .wait(release))
    let first = Task { try await letters.replay(id) }
    await route.received.wait(for: 1)
    #expect(try await letters.replay(id).outcome == .refused("the letter is being replayed or dropped already"))
    #expect(try await !letters.drop(id))
    #expect(try await letters.drop(DeadLetterFilter()).refused == 1)
    release.signal()
    #expect(try await first.value.outcome == .replayed)
    #expect(route.received.all.count == 1)
  }

  @Test("a filter replays what is there when it begins, once each, also where all fails again")
  func filter() async throws {
    for _ in 0..<250 { try await keep() }
    try await keep("others")
    try await keep("orders", .timeout)
    route.become(then: .fail(.unavailable))
    let summary = try await letters.replay(DeadLetterFilter(route: "orders", kind: .rejected))
    #expect(summary.failed == 250 && route.received.all.count == 250)
    route.become(then: .succeed)
    #expect(try await letters.replay(DeadLetterFilter(route: "orders")).done == 251)
    #expect(try await letters.counts() == ["others": 1])
  }

  @Test("letters that fail after it began are not for a filter")
  func later() async throws {
    try await keep()
    try await keep(at: clock.wallTime + 1)
    #expect(try await letters.replay(DeadLetterFilter()).done == 1)
  }

  @Test("a rate spaces replays evenly, by the engine's clock")
  func rate() async throws {
    for _ in 0..<4 { try await keep() }
    let replay = Task {
      try await letters.replay(DeadLetterFilter(), rate: Rate(count: 2, per: .seconds(1)))
    }
    for count in 1...3 {
      await clock.waitForTimers()
      #expect(route.received.all.count == count && clock.next == .milliseconds(500))
      clock.advance(by: .milliseconds(500))
    }
    #expect(try await replay.value.done == 4)
    #expect(clock.timers == 0)
  }

  @Test(
    "a replay ends when it is cancelled or the engine stops, and leaves what it has not come to",
    arguments: [
      true, false,
    ])
  func ends(_ isCancelled: Bool) async throws {
    for _ in 0..<3 { try await keep() }
    let replay = Task {
      try await letters.replay(DeadLetterFilter(), rate: Rate(count: 1, per: .seconds(60)))
    }
    await clock.waitForTimers()
    if isCancelled { replay.cancel() } else { replays.stopAll() }
    let summary = try await replay.value
    #expect(summary.done == 1 && !summary.isComplete)
    #expect(try await letters.counts() == ["orders": 2])
  }

  @Test("a replay that is given up under way leaves the letter as it was")
  func givenUp() async throws {
    let id = try await keep()
    route.become(then: .hang)
    let replay = Task { try await letters.replay(id) }
    await route.received.wait(for: 1)
    replay.cancel()
    let outcome = try await replay.value.outcome
    guard case .failed(.cancelled, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(try await store.deadLetter(id, withBody: true)?.attempts.count == 1)
  }

  @Test("lists and letters without the right to bodies have neither bodies nor properties")
  func bodies() async throws {
    let id = try await keep()
    for letter in [try await letters.list().first, try await letters.show(id)] {
      guard case .empty? = letter?.message.body else { return #expect(Bool(false), "there is a body") }
      #expect(letter?.size == 4)
    }
    #expect(try await letters.show(id, withBody: true)?.message.bodyBytes() == Array("body".utf8))
    #expect(try await letters.show("nothing") == nil)
  }

  @Test("dropping removes the letters that are meant, and says how many")
  func drop() async throws {
    let id = try await keep()
    for _ in 0..<3 { try await keep("others") }
    #expect(try await letters.drop(DeadLetterFilter(route: "others")).done == 3)
    #expect(try await [letters.drop(id), letters.drop(id), letters.drop("nothing")] == [true, false, false])
    #expect(try await letters.counts().isEmpty)
  }

  @Test("a store that is closed refuses all of it")
  func closed() async throws {
    await store.close()
    await #expect(throws: Failure.self) { _ = try await letters.list() }
    await #expect(throws: Failure.self) { _ = try await letters.drop(DeadLetterFilter()) }
    let outcome = try await letters.replay("a").outcome
    guard case .failed(.unavailable, _) = outcome else { return #expect(Bool(false), "\(outcome)") }
  }
}
