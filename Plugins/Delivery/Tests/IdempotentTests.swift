import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import DeliveryPlugin

@Suite("idempotent")
struct IdempotentTests {
  let bed = DeliveryRun()
  let options: Configuration = ["key": "body.number", "keep": "7d", "wait": "30s"]

  private var duplicates: Int { bed.metrics.counter("omnibus_duplicates_total", "", [("route", "orders")]).value }

  @Test("a message whose work was done ends well, without a body, and is counted")
  func duplicate() async throws {
    let middleware = try bed.make("idempotent", options)
    #expect(try await bed.run(middleware, .json(#"{"number": "A1"}"#)).next == .next)
    let second = try await bed.run(middleware, .json(#"{"number": "A1"}"#))
    #expect(second.next == .stop && second.message.text == "" && second.message.contentType == nil)
    #expect(try await bed.run(middleware, .json(#"{"number": "A2"}"#)).next == .next)
    #expect(bed.inner.received.all.count == 2 && duplicates == 1)
  }

  @Test("around a step a duplicate can go on behind it, as it came")
  func goesOn() async throws {
    let middleware = try bed.make("idempotent", ["key": "body.number", "on_duplicate": "continue"])
    try await bed.run(middleware, .json(#"{"number": 1}"#))
    let second = try await bed.run(middleware, .json(#"{"number": 1}"#))
    #expect(second.next == .next && second.message.text == #"{"number": 1}"# && bed.inner.received.all.count == 1)
  }

  @Test("a key is forgotten when its time is over")
  func time() async throws {
    let middleware = try bed.make("idempotent", options)
    let message = Message.json(#"{"number": 7}"#)
    try await bed.run(middleware, message)
    bed.clock.advance(by: .seconds(7 * 86_400 - 1))
    #expect(try await bed.run(middleware, message).next == .stop)
    bed.clock.advance(by: .seconds(1))
    #expect(try await bed.run(middleware, message).next == .next)
  }

  @Test("what failed was not done: the next one goes on")
  func failed() async throws {
    let middleware = try bed.make("idempotent", options)
    bed.inner.become([.fail(.unavailable)], then: .succeed)
    #expect(await bed.failure(middleware, .json(#"{"number": 7}"#))?.kind == .unavailable)
    #expect(try await bed.run(middleware, .json(#"{"number": 7}"#)).next == .next)
  }

  @Test("what became a dead letter was not done, though it ended well")
  func deadLetter() async throws {
    let idempotent = try bed.make("idempotent", options)
    let deadLetter = try bed.make("dead_letter", [:])
    bed.inner.become([.fail(.rejected)], then: .succeed)
    let handler = deadLetter.wrapping(bed.inner.handler)
    #expect(try await bed.run(idempotent, .json(#"{"number": 7}"#), next: handler.body).next == .stop)
    #expect(try await bed.run(idempotent, .json(#"{"number": 7}"#), next: handler.body).next == .next)
    #expect(bed.inner.received.all.count == 2 && duplicates == 0)
  }

  @Test("a second waits for the first: it is a duplicate when that succeeds, also of another revision of the route")
  func waits() async throws {
    let release = StopSignal()
    bed.inner.become(then: .wait(release))
    let ended = Recorder<Next>()
    let former = try bed.make("idempotent", options)
    let first = Task { try await bed.run(former, .json(#"{"number": 7}"#)).next }
    await bed.inner.received.wait(for: 1)
    let present = try bed.make("idempotent", options)
    let others = (0..<3).map { _ in
      Task { ended.append(try await bed.run(present, .json(#"{"number": 7}"#)).next) }
    }
    await bed.clock.waitForTimers(3)
    #expect(ended.all.isEmpty && bed.inner.received.all.count == 1)
    release.signal()
    #expect(try await first.value == .next)
    for other in others { try await other.value }
    #expect(ended.all == [.stop, .stop, .stop] && bed.inner.received.all.count == 1 && bed.clock.timers == 0)
  }

  @Test("when the first fails one of those that wait goes on, and the others are its duplicates")
  func waitsForFailure() async throws {
    let release = StopSignal()
    let middleware = try bed.make("idempotent", options)
    let first = Task {
      await bed.failure(middleware, .json(#"{"number": 7}"#)) { message, context in
        _ = try await bed.inner.process(&message, context)
        await release.wait()
        throw Failure(.unavailable, "down")
      }
    }
    await bed.inner.received.wait(for: 1)
    let others = (0..<3).map { _ in Task { try await bed.run(middleware, .json(#"{"number": 7}"#)).next } }
    await bed.clock.waitForTimers(3)
    release.signal()
    #expect(await first.value?.kind == .unavailable)
    var answers: [Next] = []
    for other in others { answers.append(try await other.value) }
    #expect(answers.count { $0 == .next } == 1 && answers.count { $0 == .stop } == 2)
    #expect(bed.inner.received.all.count == 2)
  }

  @Test("who waits too long is overloaded, who is cancelled waits no more, and the first is not touched by either")
  func impatient() async throws {
    let release = StopSignal()
    bed.inner.become(then: .wait(release))
    let middleware = try bed.make("idempotent", options)
    let first = Task { try await bed.run(middleware, .json(#"{"number": 7}"#)).next }
    await bed.inner.received.wait(for: 1)
    let second = Task { await bed.failure(middleware, .json(#"{"number": 7}"#)) }
    await bed.clock.waitForTimers(1)
    let third = Task { await bed.failure(middleware, .json(#"{"number": 7}"#)) }
    await bed.clock.waitForTimers(2)
    third.cancel()
    #expect(await third.value?.kind == .cancelled)
    bed.clock.advance(by: .seconds(30))
    let failure = await second.value
    #expect(failure?.kind == .overloaded)
    #expect(failure?.reason == "a message with the same key is still being worked on, after 30s")
    release.signal()
    #expect(try await first.value == .next)
  }

  @Test("routes and steps have keys of their own, unless they name a scope")
  func scopes() async throws {
    var step = bed
    step.step = "charge"
    var other = bed
    other.route = "copies"
    for run in [bed, step, other] {
      #expect(try await run.run(run.make("idempotent", options), .json(#"{"number": 7}"#)).next == .next)
    }
    let shared: Configuration = ["key": "body.number", "scope": "numbers"]
    #expect(try await bed.run(bed.make("idempotent", shared), .json(#"{"number": 7}"#)).next == .next)
    #expect(try await other.run(other.make("idempotent", shared), .json(#"{"number": 7}"#)).next == .stop)
  }

  @Test(
    "a key that names nothing is invalid, and is not told",
    arguments: [
      (#"{"number": ""}"#, "the key is empty"), (#"{"number": null}"#, "the key is null, expected a text or a number"),
      (#"{"number": ["Berg"]}"#, "the key is a list, expected a text or a number"),
      (#"{"number": true}"#, "the key is a bool, expected a text or a number"),
    ])
  func badKey(_ body: String, _ reason: String) async throws {
    let failure = await bed.failure(try bed.make("idempotent", options), .json(body))
    #expect(failure?.kind == .invalid && failure?.reason == reason && failure?.component == "idempotent")
    #expect(bed.inner.received.all.isEmpty)
  }

  @Test("a key that is absent is invalid")
  func absentKey() async throws {
    #expect(await bed.failure(try bed.make("idempotent", options), .json("{}"))?.kind == .invalid)
    let optional = try bed.make("idempotent", ["key": "body.?number"])
    #expect(await bed.failure(optional, .json("{}"))?.kind == .invalid)
  }

  @Test("the store and the log see a digest of the key only")
  func digest() async throws {
    let middleware = try bed.make("idempotent", options)
    try await bed.run(middleware, .json(#"{"number": "Berg-1941"}"#))
    try await bed.run(middleware, .json(#"{"number": "Berg-1941"}"#))
    #expect(try await !bed.store.remembers("Berg-1941", in: "orders"))
    #expect(bed.log.lines.all.allSatisfy { line in line.fields.values.allSatisfy { !$0.contains("Berg") } })
  }

  @Test("a store that is down stops a message before its work, and gives the key back")
  func storeDown() async throws {
    let middleware = try bed.make("idempotent", options)
    bed.store.fail(.remembers, .unavailable)
    #expect(await bed.failure(middleware, .json(#"{"number": 7}"#))?.kind == .unavailable)
    #expect(bed.inner.received.all.isEmpty)
    bed.store.fail(.remembers, nil)
    #expect(try await bed.run(middleware, .json(#"{"number": 7}"#)).next == .next)
  }

  @Test("a store that is full when the work is done changes nothing of that, and is told to the log")
  func storeFull() async throws {
    let middleware = try bed.make("idempotent", options)
    bed.store.fail(.remember, .unavailable)
    #expect(try await bed.run(middleware, .json(#"{"number": 7}"#)).next == .next)
    #expect(bed.log.lines.all.map { "\($0.level)" } == ["error"])
    bed.store.fail(.remember, nil)
    #expect(try await bed.run(middleware, .json(#"{"number": 7}"#)).next == .next)
    #expect(try await bed.run(middleware, .json(#"{"number": 7}"#)).next == .stop)
  }

  @Test("the work is not acknowledged before its key is remembered")
  func slowStore() async throws {
    let signal = StopSignal()
    bed.store.hold(.remember, until: signal)
    let middleware = try bed.make("idempotent", options)
    let done = Recorder<Next>()
    let call = Task { done.append(try await bed.run(middleware, .json(#"{"number": 7}"#)).next) }
    await bed.store.held.wait(for: 1)
    #expect(done.all.isEmpty && bed.inner.received.all.count == 1)
    signal.signal()
    try await call.value
    #expect(done.all == [.next])
  }

  @Test(
    "what is wrong with options is said when they are read",
    arguments: [
      ([:], "missing-option: idempotent needs the option \"key\""),
      (["key": "body.id", "keep": "0s"], "invalid-option: idempotent: keep must be more than nothing"),
      (
        ["key": "body.id", "scope": ""],
        "mistyped-option: idempotent.scope takes a string such as \"text\", found nothing"
      ),
      (
        ["key": "body.id", "on_duplicate": "fail"],
        "mistyped-option: idempotent.on_duplicate takes one of stop, continue, found \"fail\""
      ),
    ] as [(Configuration, String)])
  func problems(_ options: Configuration, _ expected: String) {
    #expect(bed.problems("idempotent", options) == [expected])
  }
}
