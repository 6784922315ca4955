import Omnibus
import OmnibusTesting
import Synchronization
import Testing

@testable import OmnibusAWS

/// What is received of a queue that keeps the order, and how long it stays hidden.
@Suite struct SQSReaderTests {
  private let clock = ManualClock()

  private func reader(_ server: TestSQS) throws -> SQSReader {
    let context = Context.testing(clock: clock)
    let options = try ComponentLoader([], context: context).option(
      AWSOptions.self,
      ["region": "eu-central-1", "endpoint": "\(server.url)", "access_key": "AKTEST", "secret_key": "${env:HOME}"])
    let client = try SQSClient(options, timeout: .seconds(60), context)
    return SQSReader(SQSQueue("orders.fifo", client), concurrency: 10, context)
  }

  private func receives(_ server: TestSQS) -> [Int] { server.state.withLock { $0.entries.map(\.receives) } }

  @Test("nothing overtakes a message that changed on its way, and what came behind it is hidden from nobody")
  func changed() async throws {
    let server = try TestSQS(clock: clock)
    server.put("a1", group: "a", digest: "00000000000000000000000000000000")
    for body in ["a2", "b1", "a3"] { server.put(body, group: String(body.prefix(1))) }
    let reader = try reader(server)
    #expect(try await reader.receive(10, wait: .zero).map(\.text) == ["b1"])
    let now = clock.now
    #expect(server.state.withLock { $0.entries.map { $0.visibleAt <= now } } == [false, true, false, true])
    // The queue keeps the others while the first is hidden.
    #expect(reader.most(within: .zero) == 10)
    #expect(try await reader.receive(10, wait: .zero).isEmpty)
    server.state.withLock { $0.entries[0].digest = nil }
    clock.advance(by: .seconds(30))
    #expect(reader.most(within: .zero) == 1)
    let messages = try await reader.receive(10, wait: .zero)
    #expect(messages.map(\.text) == ["a1", "a2", "a3"])
    #expect(reader.most(within: .zero) == 10)
    #expect(receives(server) == [2, 2, 2, 2])
  }

  @Test("nothing overtakes a message that is handed out again while it is worked on")
  func again() async throws {
    let server = try TestSQS(clock: clock)
    for body in ["a1", "a2"] { server.put(body, group: "a") }
    let reader = try reader(server)
    let first = try await reader.receive(1, wait: .zero)
    server.state.withLock { $0.entries[0].visibleAt = 0 }
    #expect(try await reader.receive(10, wait: .zero).isEmpty)
    #expect(receives(server) == [2, 1])
    #expect(await reader.delete(first[0].held))
    #expect(try await reader.receive(10, wait: .zero).map(\.text) == ["a2"])
  }

  @Test("after a failure one message is asked for at a time, from when the one that failed may come until it has")
  func oneAtATime() async throws {
    let server = try TestSQS(clock: clock)
    for body in ["a1", "a2"] { server.put(body, group: "a") }
    let reader = try reader(server)
    let first = try await reader.receive(1, wait: .zero)[0]
    await reader.giveBack(first.held, after: .seconds(100))
    // It comes to light a hundred seconds later.
    #expect(reader.most(within: .seconds(20)) == 10)
    clock.advance(by: .seconds(80))
    #expect(reader.most(within: .seconds(20)) == 1)
    clock.advance(by: .seconds(20))
    let second = try await reader.receive(reader.most(within: .zero), wait: .zero)
    #expect(second.map(\.text) == ["a1"] && receives(server) == [2, 0])
    #expect(reader.most(within: .seconds(20)) == 10)
    // One that is left comes when its time is over.
    await reader.giveBack(second[0].held, after: nil)
    #expect(reader.most(within: .zero) == 10 && reader.most(within: .seconds(30)) == 1)
    clock.advance(by: .seconds(91))
    #expect(reader.most(within: .seconds(20)) == 10)
  }

  @Test("a message that is worked on for twelve hours is never brought to light by being hidden for no time at all")
  func twelveHours() async throws {
    let server = try TestSQS(clock: clock, visibility: 39_600)
    server.put("slow", group: "a")
    let reader = try reader(server)
    _ = try await reader.receive(1, wait: .zero)
    clock.advance(by: .milliseconds(700))
    let beating = Task { await reader.beat() }
    /// Lets time pass, and then one more beat, at whose moment the clock stands still.
    func pass(_ duration: Duration) async throws {
      for step in [duration, .seconds(5)] {
        clock.advance(by: step)
        let isWaiting = try await eventually {
          if clock.next == .zero { clock.advance(by: .zero) }
          return clock.next == .seconds(5)
        }
        #expect(isWaiting)
      }
    }
    await clock.waitForTimers()
    try await pass(.seconds(6 * 3600))
    // A minute before the end, as the queue may have begun to count before.
    try await pass(.seconds(43_130 - 6 * 3600 - 5))
    try await pass(.seconds(5))
    try await pass(.seconds(5))
    let hidings = server.calls("ChangeMessageVisibilityBatch").compactMap {
      $0.parameters.member("Entries")?.element(0)?.member("VisibilityTimeout").flatMap { Value.json($0).int }
    }
    #expect(hidings.count == 1 && hidings.allSatisfy { 21_000...22_000 ~= $0 }, "\(hidings)")
    beating.cancel()
    await beating.value
  }

  @Test("a message that failed late is hidden for no longer than the queue allows")
  func lateFailure() async throws {
    let server = try TestSQS(clock: clock, visibility: 43_200)
    let id = server.put("slow", group: "a")
    let reader = try reader(server)
    let message = try await reader.receive(1, wait: .zero)[0]
    clock.advance(by: .seconds(40_000))
    await reader.giveBack(message.held, after: .seconds(7200))
    #expect(server.state.withLock { $0.given[id] } == 3140)
  }
}
