import Omnibus
import OmnibusReactor
import OmnibusStore
import OmnibusTesting
import Testing

@testable import QueuePlugin

@Suite("queue source")
struct QueueSourceTests {
  @Test("a message says where it comes from, and keeps its id, its headers and when it came") func arrival()
    async throws
  {
    let run = try await QueueRun()
    var sent = Message(headers: ["x-own": "kept"], body: .bytes([1, 2, 3]))
    sent.properties["lost"] = "on the way"
    try await run.store.append(QueueEntry(sent), to: "orders")
    let came = try #require(await run.route.received.wait(for: 1).first)
    #expect(came.id == sent.id)
    #expect(came.headers["x-own"] == "kept")
    var isInbound = false
    came.headers.forEachField { _, _, inbound in isInbound = inbound }
    #expect(isInbound)
    #expect(try came.bodyBytes() == [1, 2, 3])
    #expect(came.properties["lost"] == nil)
    let place = try #require(came.properties["queue"])
    #expect(place.member("name")?.string == "orders")
    #expect(place.member("attempt")?.int == 1)
    #expect(place.member("sequence")?.int == 1)
    guard case .timestamp(let appended)? = place.member("appended") else {
      Issue.record("there is no time")
      return
    }
    #expect(appended.seconds == 1_700_000_000)
    #expect(came.delivery?.key == "queue orders 1")
    #expect(came.delivery?.received == 1_700_000_000)
    #expect(try await run.isEmpty())
    try await run.end()
  }

  @Test("what fails comes again after longer and longer waits, and is a dead letter in the end") func retry()
    async throws
  {
    let run = try await QueueRun(
      [("attempts", 4), ("backoff", ["initial": "10s", "jitter": "none"])],
      route: FlakyDestination(then: .fail(.unavailable)))
    try await run.append("a")
    var waits: [Int] = []
    for attempt in 1...3 {
      await run.route.received.wait(for: attempt)
      #expect(try await run.until { try await run.store.queues().first?.delayed == 1 })
      var wait = 0
      while run.route.received.all.count == attempt, wait < 200 {
        #expect(try await run.store.queues().first?.delayed == 1)
        run.clock.advance(by: .seconds(1))
        wait += 1
        // Whether it is due shows in the store at once, and at the route in a moment.
        if try await run.store.queues().first?.delayed == 0 { await run.route.received.wait(for: attempt + 1) }
      }
      waits.append(wait)
    }
    #expect(waits == [10, 20, 40])
    #expect(try await run.isEmpty())
    let letter = try #require(try await run.letters.first)
    #expect(letter.message.text == "a")
    #expect(letter.message.headers["x-own"] == "kept")
    #expect(letter.route == "test" && letter.size == 1 && letter.received == 1_700_000_000)
    #expect(letter.attempts.map(\.kind) == [.unavailable])
    #expect(letter.attempts.first?.tries == 4)
    #expect(letter.id == "\(letter.message.id)@test@orders.1")
    #expect(letter.message.properties["queue"]?.member("sequence")?.int == 1)
    #expect(run.route.received.all.compactMap { $0.delivery?.attempt } == [1, 2, 3, 4])
    #expect(Set(run.route.received.all.map(\.id)).count == 1)
    try await run.end()
  }

  @Test(
    "what would fail again is a dead letter at once",
    arguments: [Failure.Kind.invalid, .rejected, .unauthorized, .internal])
  func buried(kind: Failure.Kind) async throws {
    let run = try await QueueRun(route: FlakyDestination([.fail(kind)], then: .succeed))
    try await run.append("a", "b")
    #expect(try await run.isEmpty())
    #expect(run.route.received.all.map(\.text) == ["a", "b"])
    #expect(try await run.letters.map(\.attempts.first?.kind) == [kind])
    try await run.end()
  }

  @Test("what was refused before the other side was asked does not count as attempted") func refused() async throws {
    let refusals = Recorder<Bool>()
    let run = try await QueueRun(
      [("attempts", 1)],
      steps: { _ in
        refusals.append(true)
        guard refusals.all.count > 5 else { throw Failure(.unavailable, "is open", component: "circuit_breaker") }
      })
    try await run.append("a")
    #expect(try await run.isEmpty(.seconds(1)))
    #expect(run.route.received.all.map { $0.delivery?.attempt } == [1])
    #expect(try await run.letters.isEmpty)
    try await run.end()
  }

  @Test("one message that is in the queue twice is two letters") func twice() async throws {
    let run = try await QueueRun(route: FlakyDestination(then: .fail(.invalid)))
    let message = Message(body: .bytes([1]))
    for _ in 1...2 { try await run.store.append(QueueEntry(message), to: "orders") }
    #expect(try await run.isEmpty())
    #expect(try await run.letters.count == 2)
    try await run.end()
  }

  @Test("a message that is given up comes again, and the attempt does not count") func givenUp() async throws {
    let run = try await QueueRun([("attempts", 1)], route: FlakyDestination(then: .hang))
    try await run.append("a")
    await run.route.received.wait(for: 1)
    run.task.cancel()
    await #expect(throws: CancellationError.self) { try await run.task.value }
    let lease = try #require(try await run.store.lease(from: "orders", atMost: 1, for: .seconds(1)).first)
    #expect(lease.message.delivery?.attempt == 1)
  }

  @Test("a message that ends the engine each time is not attempted for ever") func poison() async throws {
    let (clock, route) = (ManualClock(), FlakyDestination())
    let store = MemoryStore(clock: clock)
    try await store.append(QueueEntry(Message(body: .bytes([1]))), to: "orders")
    for _ in 1...3 {
      // An engine that is killed says nothing: the lease runs out.
      #expect(try await store.lease(from: "orders", atMost: 1, for: .seconds(60)).count == 1)
      clock.advance(by: .seconds(61))
    }
    let run = try await QueueRun([("attempts", 3)], clock: clock, store: store, route: route)
    #expect(try await run.isEmpty())
    #expect(route.received.all.isEmpty)
    let letter = try #require(try await run.letters.first)
    #expect(letter.attempts.first?.kind == .outcomeUnknown)
    #expect(letter.attempts.first?.tries == 3)
    try await run.end()
  }

  @Test("work that takes longer than a lease keeps the message") func heartbeat() async throws {
    let release = StopSignal()
    let run = try await QueueRun([("lease", "30s")], route: FlakyDestination(then: .wait(release)))
    let other = FlakyDestination()
    let second = try await QueueRun([("lease", "30s")], clock: run.clock, store: run.store, route: other)
    try await run.append("a")
    #expect(try await run.until { run.route.received.all.count + other.received.all.count == 1 })
    if other.received.all.isEmpty {
      for beat in 1...30 {
        #expect(try await run.until { run.clock.next.map { $0 <= .seconds(10) } ?? false })
        run.clock.advance(by: .seconds(10))
        #expect(try await run.until { run.flaky.calls.all.filter { $0 == .extend }.count >= beat })
      }
      #expect(other.received.all.isEmpty)
    }
    release.signal()
    #expect(try await run.isEmpty())
    try await run.end()
    try await second.end()
  }

  @Test("work whose lease is lost is cancelled, and says nothing of the message") func lostLease() async throws {
    let run = try await QueueRun(
      [("lease", "30s")], route: FlakyDestination(then: .hang),
      prepare: { $0.become(.fail(.unavailable), on: [.extend]) })
    try await run.append("a")
    await run.route.received.wait(for: 1)
    // The store cannot be reached until the lease has run out and another engine has the message.
    #expect(try await run.until(.seconds(1)) { run.flaky.calls.all.filter { $0 == .extend }.count >= 2 })
    run.clock.advance(by: .seconds(11))
    let others = try await run.store.lease(from: "orders", atMost: 1, for: .seconds(3600))
    run.flaky.become(.succeed)
    #expect(try await run.until(.seconds(1)) { run.route.cancelled.all.count == 1 })
    try await run.end()
    let lease = try #require(others.first)
    #expect(try await run.store.acknowledge(lease))
    #expect(try await run.letters.isEmpty)
    #expect(run.log.lines.all.contains { $0.message == "the lease of a message was lost while it was worked on" })
  }

  @Test("the permit comes before the message, and goes back where there is none") func admission() async throws {
    let (asked, permit) = (Recorder<Bool>(), StopSignal())
    let run = try await QueueRun(admission: {
      asked.append(true)
      await permit.wait()
      return Admission()
    })
    try await run.append("a")
    await asked.wait(for: 1)
    #expect(!run.flaky.calls.all.contains(.lease))
    #expect(try await run.store.queues().first?.leased == 0)
    permit.signal()
    #expect(try await run.isEmpty())
    try await run.end()
  }

  @Test("while nothing is there, nobody asks for it") func idle() async throws {
    let run = try await QueueRun([("concurrency", 8)])
    #expect(try await run.until { run.flaky.calls.all.contains(.lease) })
    try await run.append("a")
    #expect(try await run.isEmpty())
    #expect(try await run.until { run.clock.timers <= 1 })
    let calls = run.flaky.calls.all.filter { $0 == .lease }.count
    for _ in 1...60 { run.clock.advance(by: .seconds(60)) }
    #expect(run.flaky.calls.all.filter { $0 == .lease }.count == calls)
    #expect(calls < 24)
    try await run.end()
  }

  @Test("as many are worked on at once as the options say, each on a reactor, each key in order") func concurrency()
    async throws
  {
    let release = StopSignal()
    let onReactors = Recorder<Bool>()
    let run = try await QueueRun(
      [("concurrency", 8)], route: FlakyDestination(then: .wait(release)),
      steps: { _ in onReactors.append(Reactor.current != nil) })
    for number in 0..<40 { try await run.append("\(number)", key: number < 20 ? "k\(number % 2)" : nil) }
    #expect(try await run.until { run.route.underWay == 8 })
    release.signal()
    #expect(try await run.isEmpty())
    #expect(run.route.mostUnderWay == 8)
    #expect(onReactors.all.count == 40 && onReactors.all.allSatisfy { $0 })
    let keyed = run.route.received.all.compactMap { Int($0.text) }.filter { $0 < 20 }
    #expect(keyed.filter { $0 % 2 == 0 } == Array(stride(from: 0, to: 20, by: 2)))
    #expect(keyed.filter { $0 % 2 == 1 } == Array(stride(from: 1, to: 20, by: 2)))
    try await run.end()
  }
}
