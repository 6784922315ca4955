import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusStore

@Suite(.timeLimit(.minutes(5))) struct QueueTests {
  private let folder = TemporaryDirectory()
  private let clock = ManualClock()

  private func open() throws -> SQLiteStore { try SQLiteStore(directory: folder.path, clock: clock) }

  @Test("messages come back in their order, and are gone when they are acknowledged")
  func order() async throws {
    let store = try open()
    for number in 0..<10 { try await store.append(QueueEntry(message(number)), to: "orders") }
    let leases = try await store.lease(from: "orders", atMost: 4, for: .seconds(30))
    #expect(leases.map(\.number) == [0, 1, 2, 3])
    #expect(leases.first?.message.delivery?.key == "queue orders 1")
    #expect(leases.first?.message.delivery?.attempt == 1)
    #expect(leases.first?.message.delivery?.received == clock.wallTime)
    for lease in leases { #expect(try await store.acknowledge(lease)) }
    #expect(try await !store.acknowledge(leases[0]))
    let status = try await store.queues()
    #expect(status == [QueueStatus(name: "orders", depth: 6, leased: 0, delayed: 0, oldest: clock.wallTime)])
    #expect(try await store.lease(from: "orders", atMost: 100, for: .seconds(30)).map(\.number) == Array(4..<10))
    #expect(try await store.lease(from: "others", atMost: 1, for: .seconds(30)).isEmpty)
  }

  @Test("what was appended is there when the store is opened again, with the attempts that were begun")
  func again() async throws {
    let first = try open()
    for number in 0..<3 { try await first.append(QueueEntry(message(number)), to: "orders") }
    #expect(try await first.lease(from: "orders", atMost: 2, for: .seconds(30)).count == 2)
    await first.close()
    await #expect(throws: Failure.self) { try await first.append(QueueEntry(message(3)), to: "orders") }
    let second = try open()
    let leases = try await second.lease(from: "orders", atMost: 3, for: .seconds(30))
    #expect(leases.map(\.number) == [0, 1, 2])
    #expect(leases.map { $0.message.delivery?.attempt } == [2, 2, 1])
    try await second.append(QueueEntry(message(4)), to: "orders")
    #expect(try await second.lease(from: "orders", atMost: 3, for: .seconds(30)).map(\.sequence) == [4])
  }

  @Test("a queue that was emptied gives no sequence twice")
  func sequences() async throws {
    let first = try open()
    try await first.append(QueueEntry(message(0)), to: "orders")
    for lease in try await first.lease(from: "orders", atMost: 1, for: .seconds(30)) {
      #expect(try await first.acknowledge(lease))
    }
    await first.close()
    let second = try open()
    try await second.append(QueueEntry(message(1)), to: "orders")
    #expect(try await second.lease(from: "orders", atMost: 3, for: .seconds(30)).map(\.sequence) == [2])
  }

  @Test("a message that was delayed comes when it is due, also after the store was opened again")
  func delays() async throws {
    let first = try open()
    try await first.append(QueueEntry(message(0), delay: .seconds(60)), to: "orders")
    try await first.append(QueueEntry(message(1)), to: "orders")
    #expect(try await first.lease(from: "orders", atMost: 9, for: .seconds(300)).map(\.number) == [1])
    #expect(try await first.queues().first?.delayed == 1)
    await first.close()
    clock.advance(by: .seconds(59))
    let second = try open()
    #expect(try await second.queues().first?.delayed == 1)
    let lease = try #require(try await second.lease(from: "orders", atMost: 9, for: .seconds(30)).first)
    #expect(lease.number == 1)
    clock.advance(by: .seconds(1))
    #expect(try await second.queues().first?.delayed == 0)
    #expect(try await second.lease(from: "orders", atMost: 9, for: .seconds(30)).map(\.number) == [0])
    #expect(try await second.release(lease, after: .seconds(5), countingAttempt: true))
    #expect(try await second.queues().first?.delayed == 1)
    #expect(try await second.lease(from: "orders", atMost: 9, for: .seconds(30)).isEmpty)
    clock.advance(by: .seconds(5))
    let again = try await second.lease(from: "orders", atMost: 9, for: .seconds(30))
    #expect(again.map(\.number) == [1])
    #expect(again.first?.message.delivery?.attempt == 3)
  }

  @Test("messages of one order key come one at a time, others pass them")
  func orderKeys() async throws {
    let store = try open()
    for number in 0..<9 { try await store.append(QueueEntry(message(number), orderKey: "\(number % 3)"), to: "q") }
    let first = try await store.lease(from: "q", atMost: 9, for: .seconds(30))
    #expect(first.map(\.number) == [0, 1, 2])
    #expect(try await store.release(first[0], after: .seconds(10), countingAttempt: false))
    #expect(try await store.acknowledge(first[1]))
    #expect(try await store.release(first[2], after: .zero, countingAttempt: true))
    let second = try await store.lease(from: "q", atMost: 9, for: .seconds(60))
    #expect(second.map(\.number) == [2, 4])
    clock.advance(by: .seconds(10))
    let third = try await store.lease(from: "q", atMost: 9, for: .seconds(60))
    #expect(third.map(\.number) == [0])
    #expect(third.first?.message.delivery?.attempt == 1)
  }

  @Test("a lease that runs out gives its message to the next one, and whoever listens is told")
  func expiry() async throws {
    let store = try open()
    let told = Mutex(0)
    let observer = await store.onReady("q") { told.withLock { $0 += 1 } }
    try await store.append(QueueEntry(message(0)), to: "q")
    let lease = try #require(try await store.lease(from: "q", atMost: 1, for: .seconds(30)).first)
    #expect(try await eventually { told.withLock { $0 } > 0 })
    clock.advance(by: .seconds(20))
    #expect(try await store.extend(lease, for: .seconds(30)))
    clock.advance(by: .seconds(29))
    #expect(try await store.lease(from: "q", atMost: 1, for: .seconds(30)).isEmpty)
    let before = told.withLock { $0 }
    await clock.waitForTimers()
    clock.advance(by: .seconds(1))
    #expect(try await eventually { told.withLock { $0 } > before })
    #expect(try await !store.acknowledge(lease))
    #expect(try await !store.extend(lease, for: .seconds(30)))
    #expect(try await !store.release(lease, after: .zero, countingAttempt: true))
    let again = try #require(try await store.lease(from: "q", atMost: 1, for: .seconds(30)).first)
    #expect(again.message.delivery?.attempt == 2)
    #expect(try await store.acknowledge(again))
    store.removeObserver(observer, of: "q")
  }

  @Test("a lease that nobody else has is extended and acknowledged though its time is over")
  func late() async throws {
    let store = try open()
    for number in 0..<2 { try await store.append(QueueEntry(message(number)), to: "q") }
    let leases = try await store.lease(from: "q", atMost: 2, for: .seconds(30))
    clock.advance(by: .seconds(31))
    #expect(try await store.extend(leases[0], for: .seconds(30)))
    #expect(try await store.lease(from: "q", atMost: 2, for: .seconds(30)).map(\.number) == [1])
    #expect(try await !store.acknowledge(leases[1]))
    clock.advance(by: .seconds(31))
    #expect(try await store.acknowledge(leases[0]))
    #expect(try await store.status(of: "q")?.depth == 1)
    #expect(try await store.status(of: "other") == nil)
  }

  @Test("keys whose time is over go as fast as they come")
  func pruning() async throws {
    let store = try open()
    for number in 0..<600 { try await store.remember("\(number)", in: "s", for: .milliseconds(1)) }
    clock.advance(by: .milliseconds(10))
    for number in 600..<900 { try await store.remember("\(number)", in: "s", for: .seconds(9)) }
    await store.close()
    let connection = try SQLiteConnection(path: "\(folder.path)/omnibus.db")
    #expect(try connection.number("SELECT count(*) FROM key") == 300)
  }

  @Test("an effect that was committed is not repeated, until its delivery has ended")
  func effects() async throws {
    let store = try open()
    try await store.append(QueueEntry(message(0)), to: "a")
    let lease = try #require(try await store.lease(from: "a", atMost: 1, for: .seconds(30)).first)
    let effect = QueueEntry.Effect(delivery: lease.message.delivery?.key ?? "", name: "copy")
    for _ in 0..<3 { try await store.append(QueueEntry(message(1), effect: effect), to: "b") }
    #expect(try await store.queues().map(\.depth) == [1, 1])
    #expect(try await store.acknowledge(lease))
    // The delivery has ended: who lost its lease appends nothing any more.
    try await store.append(QueueEntry(message(1), effect: effect), to: "b")
    #expect(try await store.queues().map(\.depth) == [0, 1])
  }

  @Test("more messages than the window holds come all, in their order")
  func window() async throws {
    let store = try open()
    try await withThrowingTaskGroup { group in
      for _ in 0..<5 {
        group.addTask { for number in 0..<400 { try await store.append(QueueEntry(message(number)), to: "q") } }
      }
      try await group.waitForAll()
    }
    var sequences: [Int64] = []
    while true {
      let leases = try await store.lease(from: "q", atMost: 64, for: .seconds(30))
      guard !leases.isEmpty else { break }
      for lease in leases { #expect(try await store.acknowledge(lease)) }
      sequences += leases.map(\.sequence)
    }
    #expect(sequences == Array(1...2000))
    #expect(try await store.queues().first?.depth == 0)
  }
}

/// A message with a number.
func message(_ number: Int) -> Message {
  Message(headers: Headers([("number", "\(number)")]), body: .bytes(Array("message \(number)".utf8)))
}

extension QueueLease {
  /// The number of its message.
  var number: Int? { message.headers["number"].flatMap { Int($0) } }
}
