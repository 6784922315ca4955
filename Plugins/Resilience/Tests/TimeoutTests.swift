import Omnibus
import OmnibusTesting
import Testing

@testable import ResiliencePlugin

struct TimeoutTests {
  let clock = ManualClock()

  @Test("a call that ends in time gives its result and its message, and leaves no timer")
  func inTime() async throws {
    var message = Message()
    let next = try await Timeout(limit: .seconds(1)).handle(&message, .testing(clock: clock)) { message, _ in
      message.headers["x"] = "1"
      return .stop
    }
    #expect(next == .stop)
    #expect(message.headers["x"] == "1")
    #expect(clock.timers == 0)
  }

  @Test("a call that fails in time gives its failure and its message")
  func failsInTime() async {
    var message = Message()
    await #expect(throws: Failure.self) {
      try await Timeout(limit: .seconds(1)).handle(&message, .testing(clock: clock)) { message, _ in
        message.headers["x"] = "1"
        throw Failure(.rejected, "no")
      }
    }
    #expect(message.headers["x"] == "1")
    #expect(clock.timers == 0)
  }

  @Test("a call that does not heed cancellation does not hold the message, and keeps what it holds until it ends")
  func tooLong() async {
    let gate = StopSignal()
    let events = Recorder<String>()
    let task = Task { [clock] in
      var message = Message()
      return try await Timeout(limit: .seconds(30)).handle(&message, .testing(clock: clock)) { _, _ in
        await Task { await gate.wait() }.value
        events.append(Task.isCancelled ? "ended, cancelled" : "ended")
        return .next
      }
    }
    await clock.advanceToNext()
    let failure = await #expect(throws: Failure.self) { try await task.value }
    #expect(failure?.description == "timeout: took longer than 30s")
    #expect(events.all.isEmpty)
    gate.signal()
    #expect(await events.wait(for: 1) == ["ended, cancelled"])
  }

  @Test("being cancelled cancels the call")
  func cancelled() async {
    let task = Task { [clock] in
      var message = Message()
      return try await Timeout(limit: .seconds(30)).handle(&message, .testing(clock: clock)) { _, context in
        try await context.clock.sleep(for: .seconds(10))
        return .next
      }
    }
    await clock.waitForTimers(2)
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  @Test("a stream that a call was given up on cannot be read on")
  func stream() async {
    let task = Task { [clock] in
      var message = Message(body: .stream(BodyStream { [1] }))
      _ = try? await Timeout(limit: .seconds(1)).handle(&message, .testing(clock: clock)) { _, context in
        try await context.clock.sleep(for: .seconds(10))
        return .next
      }
      guard case .stream(let stream) = message.body else { return false }
      do { try stream.claim() } catch { return true }
      return false
    }
    await clock.waitForTimers(2)
    clock.advance(by: .seconds(1))
    #expect(await task.value)
  }

  @Test("no time at all is no time-out")
  func option() {
    let loader = ComponentLoader([.resilience])
    #expect(throws: Diagnostics.self) { try loader.make(.middleware, "timeout", "0s") }
    #expect(throws: Diagnostics.self) { try loader.make(.middleware, "timeout", "soon") }
    #expect(throws: Never.self) { try loader.make(.middleware, "timeout", "30s") }
  }
}
