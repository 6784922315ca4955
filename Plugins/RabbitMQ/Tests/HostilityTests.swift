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
  @Test("headers that are too deep or too many are rejected, and the next message comes", arguments: [17, 1000, 9_000])
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
