import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting
import Testing

@testable import omnibus

@Suite(
  "routes with a broker", .serialized, .timeLimit(.minutes(5)),
  .enabled("skipped: rabbitmq-server is not installed") { RabbitMQServer.isInstalled })
struct BrokerTests {
  private let memory = MemorySystem()

  private func routes(_ broker: RabbitMQServer, exchange: String, declare: String = "{}", from: String? = nil) -> String
  {
    """
    connections:
      ward:
        rabbitmq:
          url: "\(broker.url)"
          login: { user: "${env:NONE:-guest}", password: "${env:NONE:-guest}" }
          connect_timeout: 30s
          declare: \(declare)
    routes:
      - id: visits
        from: \(from ?? "{ memory: { name: in } }")
        steps:
          - to: { rabbitmq: { connection: ward, exchange: "\(exchange)", routing_key: inbox.copy } }
            id: publish
    """
  }

  private func engine(clock: (any EngineClock)? = nil) throws -> Engine {
    try Engine.testing(StoreAccess { MemoryStore() }, memory, clock: clock)
  }

  private func visits(_ engine: Engine) async -> RouteStatus? { await engine.status().first { $0.id == "visits" } }

  private func notReady(_ engine: Engine) async -> String? { await engine.status().first?.notReady }

  @Test("an exchange that is missing, or is another, keeps routes from being applied, and is named")
  func topology() async throws {
    // Time stands still: whoever is slow is waited for.
    let (broker, engine) = (try await RabbitMQServer(), try engine(clock: ManualClock()))
    let missing = await #expect(throws: Diagnostics.self) { try await engine.apply(routes(broker, exchange: "none")) }
    let text = missing?.all.first?.message ?? ""
    #expect(text.hasPrefix(#"route "visits" cannot start: connection "ward" (step publish): the broker refused"#))
    #expect(text.contains("404") && missing?.all.count == 1)
    #expect(await engine.running.isEmpty)
    let made = "{ exchanges: [{ name: events, type: topic }] }"
    try await engine.apply(routes(broker, exchange: "events", declare: made))
    #expect(try await broker.control("list_exchanges", "name").contains("events"))
    let other = await #expect(throws: Diagnostics.self) {
      try await engine.apply(routes(broker, exchange: "events", declare: made.replacing("topic", with: "fanout")))
    }
    #expect(other?.all.first?.message.contains("406") == true)
    #expect(await engine.status().map(\.isReady) == [true])
    await engine.stop(grace: .zero)
  }

  @Test("a broker that is not there stops no start; the route names it until it is, without a message")
  func late() async throws {
    let (broker, engine) = (try await RabbitMQServer(), try engine())
    let made = "{ exchanges: [{ name: events, type: topic }] }"
    try await broker.stop()
    try await engine.apply(routes(broker, exchange: "events", declare: made))
    #expect(await notReady(engine)?.hasPrefix(#"connection "ward" (step publish): unavailable: "#) == true)
    try await broker.start()
    #expect(try await eventually { await notReady(engine) == nil })
    #expect(try await broker.control("list_exchanges", "name").contains("events"))
    try await broker.kill()
    #expect(try await eventually { await notReady(engine)?.contains("ward") == true })
    await engine.stop(grace: .zero)
  }

  @Test("while the broker takes no messages the route says so by its name, and its source takes none")
  func blocked() async throws {
    let (broker, engine) = (try await RabbitMQServer(), try engine())
    let made = """
      {
        exchanges: [{ name: events, type: topic }],
        queues: [{ name: inbox, type: classic }, { name: outbox, type: classic }],
        bindings: [{ exchange: events, queue: inbox, routing_key: inbox }, { exchange: events, queue: outbox, routing_key: "*.copy" }]
      }
      """
    let text = routes(
      broker, exchange: "events", declare: made, from: "{ rabbitmq: { connection: ward, queue: inbox } }")
    try await engine.apply(
      text + """

          - id: feed
            from: { memory: { name: feed } }
            steps: [{ to: { rabbitmq: { connection: ward, exchange: events, routing_key: inbox } }, id: feed }]
        """)
    try await engine.pause("visits")
    for number: UInt8 in 0..<3 { _ = try await memory.send(Message(body: .bytes([number])), to: "feed") }
    try await broker.control("set_vm_memory_high_watermark", "absolute", "1")
    try await engine.resume("visits")
    // The broker says so when something is published to it, which it holds.
    #expect(
      try await eventually {
        await visits(engine)?.notReady
          == #"connection "ward" (step publish): unavailable: the broker takes no messages for now, as it is short of memory or disk"#
      })
    #expect(try await eventually { await visits(engine)?.pausedBy == [#"connection "ward""#] })
    #expect(await visits(engine)?.underWay == 1)
    try await broker.control("set_vm_memory_high_watermark", "0.4")
    #expect(try await eventually { await engine.status().allSatisfy(\.isReady) })
    #expect(
      try await eventually {
        try await broker.control("list_queues", "name", "messages").split(whereSeparator: \.isWhitespace)
          .joined(separator: " ").contains("outbox 3")
      })
    #expect(await visits(engine)?.pausedBy == [])
    await engine.stop(grace: .zero)
  }
}
