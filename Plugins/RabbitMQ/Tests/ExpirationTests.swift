import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq expiration", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(5)))
struct ExpirationTests {
  private func step(_ queue: TestQueue, _ expiration: String) throws -> any Step {
    try destination("rabbitmq", queue, [("routing_key", "\(queue.name)"), ("expiration", "\(expiration)")])
  }

  @Test(
    "it is written, or made by an expression, and the broker has it in milliseconds",
    arguments: [
      ("90s", "90000"), ("${ duration('1h30m') }", "5400000"), ("${ duration(headers.ttl) }", "1500250"),
      ("${ duration(headers.expiration + 'ms') }", "250000"), ("${ duration('0s') }", nil),
    ])
  func made(written: String, milliseconds: String?) async throws {
    let queue = try await TestQueue(TestBroker.server).make(.classic)
    var message = Message(headers: ["ttl": "1500.25s", "expiration": "250000"], body: .bytes([1]))
    _ = try await step(queue, written).process(&message, .testing())
    let found = try await queue.take()
    // One with the shortest is gone at once, as nobody takes it.
    #expect(found.map { $0.properties.headers["expiration"] } == (milliseconds == nil ? [] : [milliseconds]))
  }

  @Test(
    "what is no duration, or a negative one, or a longer one than the broker takes, is refused before it is sent",
    arguments: [
      "${ duration('-1ms') }", "${ 90 }", "${ '90s' }", "${ headers.ttl }s", "${ null }", "${ duration('4000001s') }",
      "${ duration(headers.ttl) }",
    ])
  func refused(written: String) async throws {
    let queue = try await TestQueue(TestBroker.server).make(.classic)
    var message = Message(headers: ["ttl": "soon"], body: .bytes([1]))
    let sent = try step(queue, written)
    let failure = await #expect(throws: Failure.self) { _ = try await sent.process(&message, .testing()) }
    #expect(failure?.kind == .invalid)
    #expect(failure?.reason.contains("soon") == false)
    #expect(try await queue.count() == 0)
  }

  @Test("what is written and no duration is a mistake of the route", arguments: ["soon", "-1s", "5000000s"])
  func mistaken(written: String) async throws {
    let queue = TestQueue(try await TestBroker.server)
    #expect(throws: Diagnostics.self) { try step(queue, written) }
  }
}
