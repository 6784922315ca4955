import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq source", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(5)))
struct SourceTests {
  @Test("messages come with bodies, properties and headers, and leave the queue when the route has ended")
  func messages() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    var properties = MessageProperties()
    properties.contentType = "application/json"
    properties.correlationID = "c-1"
    properties.type = "visit"
    properties.headers = [
      ("x-tenant", .string("north")), ("x-count", .int(7)), ("Content-Type", .string("text/evil")),
      ("x-list", .list([.int(1), .bool(true)])),
    ]
    try await queue.put("{\"a\":1}", properties: properties)
    let run = try await SourceRun(queue)
    #expect(try await run.until { run.route.taken.all.count == 1 })
    let message = try #require(run.route.received.all.first)
    #expect(message.text == "{\"a\":1}")
    #expect(message.headers.values("content-type") == ["application/json"])
    #expect(message.headers["correlation-id"] == "c-1")
    #expect(message.headers["type"] == "visit")
    #expect(message.headers["x-tenant"] == "north")
    #expect(message.headers["x-count"] == "7")
    #expect(message.headers["x-list"] == nil)
    let known = try #require(message.properties["rabbitmq"])
    #expect(known.member("routing_key")?.string == queue.name)
    #expect(known.member("headers")?.member("x-count")?.int == 7)
    try await run.end()
    #expect(try await queue.count() == 0)
    #expect(try await queue.dead.count() == 0)
  }

  @Test("many messages are worked on at once, each acknowledged once", arguments: [1, 8, 500])
  func many(concurrency: Int) async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let bodies = (0..<1000).map { Array("\($0)".utf8) }
    try await queue.put(bodies)
    let run = try await SourceRun(queue, [("concurrency", "\(concurrency)")])
    #expect(try await run.until { run.route.taken.all.count >= 1000 })
    let texts = run.route.received.all.map(\.text)
    #expect(Set(texts).count == 1000 && texts.count == 1000)
    if concurrency == 1 { #expect(texts == (0..<1000).map(String.init)) }
    try await run.end()
    #expect(try await queue.count() == 0)
  }

  @Test("a message that fails for good goes where dead messages go, and one that may pass comes again, counted")
  func failures() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    try await queue.put("a", "b")
    let run = try await SourceRun(
      queue, route: FlakyDestination([.fail(.invalid), .fail(.unavailable), .fail(.timeout)], then: .succeed))
    #expect(try await run.until(.milliseconds(200)) { run.route.received.all.count == 4 })
    #expect(run.route.received.all.map(\.text) == ["a", "b", "b", "b"])
    #expect(run.route.received.all.map { $0.delivery?.attempt } == [1, 1, 2, 3])
    #expect(run.route.received.all[3].headers["redelivered"] == "true")
    #expect(run.route.received.all[3].headers["x-delivery-count"] == "2")
    #expect(try await queue.dead.take(1).map(\.text) == ["a"])
    try await run.end()
    #expect(try await queue.count() == 0)
  }

  @Test("a poison message that a quorum queue has handed out often enough is dead, however often it may be tried here")
  func deliveryLimit() async throws {
    let queue = TestQueue(try await TestBroker.server)
    let declare: Configuration = [
      "queues": [
        ["name": "\(queue.dead.name)"],
        ["name": "\(queue.name)", "delivery_limit": 2, "dead_letter": ["routing_key": "\(queue.dead.name)"]],
      ]
    ]
    let run = try await SourceRun(
      queue, [("backoff", ["initial": "10ms"]), ("declare", declare)],
      route: FlakyDestination(then: .fail(.unavailable)))
    try await queue.put("poison")
    #expect(try await run.until(.milliseconds(50)) { try await queue.dead.count() == 1 })
    #expect(run.route.received.all.map { $0.delivery?.attempt } == [1, 2, 3])
    try await run.end()
    #expect(try await queue.count() == 0)
  }

  @Test(
    "a poison message is held longer and longer, and then goes where dead messages go",
    arguments: ["quorum", "classic"])
  func poison(type: String) async throws {
    let queue = try await TestQueue(TestBroker.server).make(type == "quorum" ? .quorum : .classic)
    try await queue.put("poison")
    let run = try await SourceRun(
      queue, [("attempts", "4"), ("backoff", ["initial": "10s", "factor": "2"])],
      route: FlakyDestination(then: .fail(.unavailable)))
    #expect(try await run.until { run.route.received.all.count == 1 })
    // Time stands still: it does not come again.
    #expect(try await queue.dead.take(quiet: 500).isEmpty)
    #expect(run.route.received.all.count == 1)
    #expect(try await run.until(.seconds(2)) { run.route.received.all.count == 4 })
    #expect(run.route.received.all.map { $0.delivery?.attempt } == [1, 2, 3, 4])
    #expect(try await queue.dead.take(1).map(\.text) == ["poison"])
    try await run.end()
    #expect(try await queue.count() == 0)
  }
}
