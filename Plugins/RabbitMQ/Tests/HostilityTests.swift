import CRabbitMQ
import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq, hostile messages", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(5)))
struct HostilityTests {
  @Test("a body over the bound is rejected without being handed on") func tooLarge() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    try await queue.put([[UInt8](repeating: 1, count: 200_001), [2]])
    let run = try await SourceRun(queue, [("max_body", "200000B")])
    #expect(try await run.until { run.route.received.all.count == 1 })
    #expect(run.route.received.all.first?.text == "\u{2}")
    #expect(try await queue.dead.take(1).first?.content.body.count == 200_001)
    try await run.end()
  }

  /// The broker takes any depth, so the bytes are written here.
  @Test(
    "headers that are too deep or too many are rejected, and the next message comes", arguments: [17, 50, 1000, 9_000])
  func deep(levels: Int) async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    // Within each list another one.
    var value: [UInt8] = []
    for level in 0..<levels {
      let size = UInt32((levels - level - 1) * 5)
      value.append(UInt8(ascii: "A"))
      value.append(bigEndian: size)
    }
    var table: [UInt8] = [1, UInt8(ascii: "x")]
    table += value
    var properties: [UInt8] = [0x20, 0]
    properties.append(bigEndian: UInt32(table.count))
    properties += table
    try await queue.putRaw(properties)
    try await queue.put("good")
    let run = try await SourceRun(queue)
    #expect(try await run.until { run.route.received.all.count == 1 })
    #expect(run.route.received.all.first?.text == "good")
    #expect(try await run.until { try await queue.dead.count() == 1 })
    try await run.end()
    #expect(try await queue.count() == 0)
  }
}

extension HostilityTests {
  @Test("the largest message that a broker takes is rejected unread, or taken whole where it may be")
  func largest() async throws {
    let size = 128 << 20
    let queue = try await TestQueue(TestBroker.server).make(.classic)
    var grown = Int.max
    var tries = 0
    // What runs beside it takes memory, too, but not every time.
    while grown >= size / 2, tries < 5 {
      tries += 1
      try await queue.put([[UInt8](repeating: 7, count: size), [2]])
      let before = ResidentMemory.bytes
      let run = try await SourceRun(queue, [("attempts", "1")])
      #expect(try await run.until { run.route.received.all.map(\.text) == ["\u{2}"] })
      grown = ResidentMemory.bytes - before
      #expect(try await run.until { try await queue.dead.count() == 1 })
      try await run.end()
      if grown >= size / 2 { _ = try await queue.dead.take(1) }
    }
    #expect(grown < size / 2)
    let sizes = Recorder<Int>()
    let second = try await SourceRun(queue.dead, [("max_body", "128MiB")]) { message in
      sizes.append(try message.bodyBytes().count)
      message.body = .empty
    }
    #expect(try await second.until { sizes.all == [size] })
    try await second.end()
  }

  @Test("headers with names that are no text, or no line, come as properties, and the other headers beside them")
  func names() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    var table: [UInt8] = []
    for name in [[0xFF, 0xFE], Array("x\r\nauthorization".utf8), Array("größe".utf8), Array("x-good".utf8), []] {
      table.append(UInt8(name.count))
      table += name + [UInt8(ascii: "t"), 1]
    }
    var properties: [UInt8] = [0x20, 0]
    properties.append(bigEndian: UInt32(table.count))
    try await queue.putRaw(properties + table)
    let run = try await SourceRun(queue)
    #expect(try await run.until { run.route.received.all.count == 1 })
    let message = try #require(run.route.received.all.first)
    var names: [String] = []
    message.headers.forEachField { name, _ in names.append(String(decoding: name, as: UTF8.self)) }
    #expect(names == ["x-good"])
    let kept = try #require(message.properties["rabbitmq"]?.member("headers"))
    #expect(kept.member("größe") != nil && kept.member("\u{FFFD}\u{FFFD}") != nil)
    try await run.end()
  }

  @Test("priority, expiration, timestamp and user go from one queue to another, and a user that it is not is refused")
  func properties() async throws {
    let (inbox, outbox) = (try await TestQueue(TestBroker.server).make(), try await TestQueue(TestBroker.server).make())
    var properties = MessageProperties()
    properties.priority = 7
    properties.expiration = "3600000"
    properties.timestamp = 1_767_323_045
    properties.userID = "guest"
    try await inbox.put("a", properties: properties)
    let step = try destination(
      "rabbitmq", outbox,
      [
        ("routing_key", "\(outbox.name)"), ("expiration", "2h"),
        (
          "properties",
          [
            "priority": "${ headers.priority }", "timestamp": "${ timestamp(headers.timestamp) }",
            "user_id": "${ headers['user-id'] }",
          ]
        ),
      ])
    let run = try await SourceRun(inbox) { message in
      #expect(message.headers["expiration"] == "3600000")
      #expect(message.headers["timestamp"] == "2026-01-02T03:04:05Z")
      _ = try await step.process(&message, .testing())
    }
    #expect(try await run.until { run.route.received.all.count == 1 })
    let found = try #require(try await outbox.take(1).first?.properties.headers)
    #expect(found["priority"] == "7" && found["user-id"] == "guest" && found["expiration"] == "7200000")
    #expect(found["timestamp"] == "2026-01-02T03:04:05Z")
    try await run.end()
    let stranger = try destination(
      "rabbitmq", outbox, [("routing_key", "\(outbox.name)"), ("properties", ["user_id": "somebody"])])
    var message = Message(body: .bytes([1]))
    let refused = await #expect(throws: Failure.self) { _ = try await stranger.process(&message, .testing()) }
    #expect(refused?.kind == .rejected)
    for value in ["${ 'soon' }", "${ -1 }"] as [Configuration] {
      let bad = try destination(
        "rabbitmq", outbox, [("routing_key", "\(outbox.name)"), ("properties", ["timestamp": value])])
      let failure = await #expect(throws: Failure.self) { _ = try await bad.process(&message, .testing()) }
      #expect(failure?.kind == .invalid)
    }
  }
}

extension TestQueue {
  /// Puts a message without a body into it, with properties as they are given.
  fileprivate func putRaw(_ properties: [UInt8]) async throws {
    try await with { connection in
      try connection.selectConfirms()
      let isSent = properties.withUnsafeBytes { properties in
        Array(name.utf8).withUnsafeBytes { key in
          connection.publish(
            exchange: amqp_bytes_t(), key: key, isMandatory: true, properties: properties,
            body: UnsafeRawBufferPointer(start: nil, count: 0))
        }
      }
      #expect(isSent)
      #expect(connection.wait()?.kind == OMNIBUS_AMQP_ACK)
    }
  }
}
