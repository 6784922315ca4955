import Omnibus
import OmnibusStore
import OmnibusTesting
import Testing

@testable import DeliveryPlugin

@Suite("dead_letter")
struct DeadLetterTests {
  let bed = DeliveryRun()

  private static func failing(_ kind: Failure.Kind, attempts: Int = 1) -> Handler.Body {
    { message, _ in
      message.body = .bytes(Array("half done".utf8))
      message.headers["x"] = "changed"
      message.properties["status"] = .int(201)
      var failure = Failure(kind, "no bed is free", component: "rest")
      failure.step = "deliver"
      failure.attempts = attempts
      throw failure
    }
  }

  @Test("the letter has the message as it came in, and says where, why, when and how often it failed")
  func kept() async throws {
    var message = Message.json(#"{"bed": 7}"#)
    message.properties["request"] = .map(ValueMap([("path", .string("/beds"))]))
    message.delivery = Delivery(attempt: 3, received: 1_600_000_000)
    let result = try await bed.run(bed.make("dead_letter", [:]), message, next: Self.failing(.rejected, attempts: 5))
    let letter = try #require(try await bed.letters().first)
    #expect(letter.id == "\(message.id)@orders" && letter.route == "orders" && letter.entry == nil)
    #expect(letter.message.id == message.id && letter.message.text == #"{"bed": 7}"# && letter.size == 10)
    #expect(letter.message.headers["x"] == "in" && letter.message.contentType == "application/json")
    #expect(letter.message.properties["request"]?.member("path")?.string == "/beds")
    #expect(letter.message.properties["status"] == nil)
    #expect(letter.received == 1_600_000_000)
    #expect(
      letter.attempts == [
        DeadLetter.Attempt(
          time: bed.clock.wallTime, revision: "test", step: "deliver", component: "rest", kind: .rejected,
          reason: "no bed is free", tries: 7)
      ])
    #expect(result.next == .stop)
    guard case .empty = result.message.body else { return #expect(Bool(false), "there is a body") }
    #expect(result.message.properties["status"] == nil && result.message.contentType == nil)
    #expect(result.message.properties["dead_letter"]?.string == letter.id)
  }

  @Test("one line of the log and one count a letter, without the reason")
  func reported() async throws {
    try await bed.run(bed.make("dead_letter", [:]), .json("{}"), next: Self.failing(.unavailable))
    #expect(bed.log.lines.all.map(\.message) == ["dead letter kept"])
    #expect(bed.log.lines.all.first?.fields["failure"] == "unavailable")
    #expect(bed.log.lines.all.allSatisfy { !$0.fields.values.contains { $0.contains("bed") } })
    let count = bed.metrics.counter(
      "omnibus_dead_letters_kept_total", "", [("route", "orders"), ("kind", "unavailable")])
    #expect(count.value == 1)
  }

  @Test("a document is written when the letter is")
  func document() async throws {
    let message = Message(body: .document(JSONDocument(.list([.int(1)]))))
    try await bed.run(bed.make("dead_letter", [:]), message, next: Self.failing(.invalid))
    let letter = try #require(try await bed.letters().first)
    #expect(letter.message.text == "[1]" && letter.message.contentType == "application/json")
  }

  @Test("kinds that are not named go on to the source")
  func kinds() async throws {
    let middleware = try bed.make("dead_letter", ["on": ["rejected", "invalid"]])
    #expect(await bed.failure(middleware, .json("{}"), next: Self.failing(.unavailable))?.kind == .unavailable)
    #expect(try await bed.letters().isEmpty)
    #expect(await bed.failure(middleware, .json("{}"), next: Self.failing(.rejected)) == nil)
    #expect(try await bed.letters().count == 1)
  }

  @Test("a message that was given up is no letter")
  func cancelled() async throws {
    let middleware = try bed.make("dead_letter", [:])
    bed.inner.become(then: .failWith(CancellationError()))
    #expect(await bed.failure(middleware, .json("{}"))?.kind == .cancelled)
    #expect(try await bed.letters().isEmpty)
  }

  @Test("a stream cannot be kept: its failure goes on, and says so")
  func stream() async throws {
    let message = Message(body: .stream(BodyStream { nil }))
    let failure = await bed.failure(try bed.make("dead_letter", [:]), message, next: Self.failing(.rejected))
    #expect(failure?.kind == .rejected && failure?.step == "deliver")
    #expect(failure?.reason == "no bed is free; the body is a stream, which cannot be kept as a dead letter")
    #expect(try await bed.letters().isEmpty)
  }

  @Test(
    "where the letter cannot be kept the message is refused with its own failure",
    arguments: [
      Failure.Kind.unavailable, .internal, .outcomeUnknown,
    ])
  func storeDown(_ kind: Failure.Kind) async throws {
    let middleware = try bed.make("dead_letter", [:])
    bed.store.fail(.keep, kind)
    let failure = await bed.failure(middleware, .json("{}"), next: Self.failing(.rejected))
    #expect(failure?.kind == .rejected && failure?.reason == "no bed is free")
    let line = try #require(bed.log.lines.all.first)
    #expect("\(line.level)" == "error" && line.fields["trouble"] == kind.rawValue)
    bed.store.fail(.keep, nil)
    #expect(await bed.failure(middleware, .json("{}"), next: Self.failing(.rejected)) == nil)
  }

  @Test("a store that takes its time is waited for: nothing is acknowledged before the letter is kept")
  func slowStore() async throws {
    let signal = StopSignal()
    bed.store.hold(.keep, until: signal)
    let middleware = try bed.make("dead_letter", [:])
    let done = Recorder<Next>()
    let call = Task { done.append(try await bed.run(middleware, .json("{}"), next: Self.failing(.rejected)).next) }
    await bed.store.held.wait(for: 1)
    #expect(done.all.isEmpty)
    signal.signal()
    try await call.value
    #expect(done.all == [.stop])
  }

  @Test("a part is a letter of its own, at the step that it failed in")
  func part() async throws {
    var bed = bed
    bed.step = "each"
    var message = Message.json("{}")
    message.id = message.id.part(3)
    try await bed.run(bed.make("dead_letter", [:]), message, next: Self.failing(.rejected))
    let letter = try #require(try await bed.letters().first)
    #expect(letter.id.hasSuffix("/3@orders") && letter.entry == "each")
  }

  @Test("the same message is a letter in each route that it fails in, and one with two attempts where it comes again")
  func routes() async throws {
    let message = Message.json("{}")
    for route in ["orders", "copies", "orders"] {
      var bed = bed
      bed.route = route
      try await bed.run(bed.make("dead_letter", [:]), message, next: Self.failing(.rejected))
    }
    let letters = try await bed.letters()
    #expect(letters.map(\.route) == ["copies", "orders"] && letters.map(\.attempts.count) == [1, 2])
  }

  @Test("a letter can go to a destination, with headers that say why")
  func destination() async throws {
    let middleware = try bed.make("dead_letter", ["to": ["memory": ["name": "letters"]]])
    var message = Message.json(#"{"bed": 7}"#)
    message.delivery = Delivery(received: 1_600_000_000)
    let result = try await bed.run(middleware, message, next: Self.failing(.rejected, attempts: 2))
    #expect(result.next == .stop)
    let sent = try #require(bed.memory.destination("letters").received.all.first)
    #expect(sent.id == message.id && sent.text == #"{"bed": 7}"# && sent.headers["x"] == "in")
    let expected = [
      "id": "\(message.id)@orders", "route": "orders", "revision": "test", "step": "deliver", "component": "rest",
      "kind": "rejected", "reason": "no bed is free", "attempts": "2", "received": "1600000000.0",
    ]
    for (name, value) in expected { #expect(sent.headers["dead-letter-\(name)"] == value) }
    #expect(try await bed.letters().isEmpty)
    bed.memory.destination("letters").become(then: .fail(.unavailable))
    #expect(await bed.failure(middleware, message, next: Self.failing(.rejected))?.kind == .rejected)
  }

  @Test("the failure of a replay goes on to whoever replays; that of a part of it is a letter")
  func replay() async throws {
    let middleware = try bed.make("dead_letter", [:])
    var message = Message.json("{}")
    message.delivery = Delivery(
      received: 1, replay: Replay(letter: "L", message: message.id, route: "orders"))
    #expect(await bed.failure(middleware, message, next: Self.failing(.rejected))?.kind == .rejected)
    #expect(try await bed.letters().isEmpty)
    message.id = message.id.part(0)
    #expect(await bed.failure(middleware, message, next: Self.failing(.rejected)) == nil)
    #expect(try await bed.letters().count == 1)
  }

  @Test(
    "what is wrong with options is said when they are read",
    arguments: [
      (
        ["on": ["cancelled"]],
        "invalid-option: dead_letter: on cannot hold cancelled, after which a message comes again"
      ),
      (["on": []], "invalid-option: dead_letter: on must name a kind"),
      (["to": [:]], "bad-use: dead_letter.to takes a map with exactly one destination, found a map"),
      (["to": ["memory": [:]]], "missing-option: memory needs the option \"name\""),
      (["to": ["memry": [:]]], "unknown-destination: there is no destination \"memry\"; did you mean \"memory\"?"),
    ] as [(Configuration, String)])
  func problems(_ options: Configuration, _ expected: String) {
    #expect(bed.problems("dead_letter", options) == [expected])
  }
}
