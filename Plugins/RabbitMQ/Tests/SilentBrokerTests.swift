import Omnibus
import OmnibusReactor
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

/// A broker that takes connections, and says nothing.
@Suite("rabbitmq, a broker that does not answer", .timeLimit(.minutes(1)))
struct SilentBrokerTests {
  private let listener: TCPListener
  private let clock = ManualClock()
  private let broker: [(String, Configuration)]

  init() throws {
    listener = try TCPListener.bind(#require(SocketAddress("127.0.0.1:0")), maxConnections: 1)
    let url: Configuration = "amqp://127.0.0.1:\(listener.address.port)"
    broker = [("url", [url, url, url]), ("login", TestQueue.login), ("connect_timeout", "1h")]
  }

  private func destination() throws -> any ConnectedStep {
    let made = try ComponentLoader([.rabbitMQ], context: .testing(clock: clock)).make(
      .destination, "rabbitmq", Configuration(entries: broker))
    guard case .step(let step as any ConnectedStep) = made else { throw Failure(.internal, "it is no such step") }
    return step
  }

  private func source() throws -> any Source {
    let made = try ComponentLoader([.rabbitMQ], context: .testing(clock: clock)).make(
      .source, "rabbitmq", Configuration(entries: broker + [("queue", "visits")]))
    guard case .source(let source) = made else { throw Failure(.internal, "it is no source") }
    return source
  }

  @Test("a destination is waited for 5 s, whatever addresses there are, and is named by readiness then")
  func destinationIsLate() async throws {
    let step = try destination()
    let preparing = Task { try await step.prepare() }
    await clock.waitForTimers()
    #expect(step.condition.failure == nil)
    clock.advance(by: .seconds(5))
    try await preparing.value
    #expect(step.condition.failure?.kind == .timeout)
  }

  @Test("a source is waited for 5 s, is not ready then, and ends although it is about to connect")
  func sourceIsLate() async throws {
    let source = try source()
    let preparing = Task { try await source.prepare() }
    await clock.waitForTimers()
    clock.advance(by: .seconds(5))
    try await preparing.value
    let (stop, failures) = (StopSignal(), Recorder<Failure.Kind>())
    let deliver = Deliver(
      context: .testing(clock: clock), stop: stop, ready: {}, notReady: { failures.append($0.kind) }
    ) { _, _ in .next }
    let running = Task { try await source.run(deliver) }
    #expect(await failures.wait(for: 1) == [.timeout])
    stop.signal()
    try await running.value
  }

  @Test("who is cancelled waits no longer") func cancelled() async throws {
    let (step, source) = (try destination(), try source())
    let both = [Task { try await step.prepare() }, Task { try await source.prepare() }]
    await clock.waitForTimers(2)
    for preparing in both {
      preparing.cancel()
      await #expect(throws: CancellationError.self) { try await preparing.value }
    }
  }
}
