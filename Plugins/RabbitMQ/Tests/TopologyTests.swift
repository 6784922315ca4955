import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq topology", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(5)))
struct TopologyTests {
  private func declared(
    _ queue: TestQueue, _ type: String, overflow: String?
  ) throws -> any Step {
    var options: [(String, Configuration)] = [("name", "\(queue.name)"), ("type", "\(type)"), ("max_length", 2)]
    if let overflow { options.append(("overflow", "\(overflow)")) }
    return try destination(
      "rabbitmq", queue,
      [("routing_key", "\(queue.name)"), ("declare", ["queues": [Configuration(entries: options)]])])
  }

  /// How many of five messages were refused.
  private func refused(_ step: any Step) async -> Int {
    var count = 0
    for number: UInt8 in 0..<5 {
      var message = Message(body: .bytes([number]))
      do { _ = try await step.process(&message, .testing()) } catch {
        #expect(Failure(error).kind == .unavailable)
        count += 1
      }
    }
    return count
  }

  @Test(
    "a queue that is full drops the oldest message, or refuses the new one, as its declaration says",
    arguments: [
      ("classic", "drop-head", 0), ("classic", "reject-publish", 3), ("classic", "reject-publish-dlx", 3),
      ("quorum", "drop-head", 0),
    ])
  func overflow(type: String, overflow: String, refused count: Int) async throws {
    let queue = TestQueue(try await TestBroker.server)
    #expect(await refused(try declared(queue, type, overflow: overflow)) == count)
    let kept: [[UInt8]] = count == 0 ? [[3], [4]] : [[0], [1]]
    #expect(try await queue.take().map(\.content.body) == kept)
  }

  @Test("a quorum queue refuses what is too much, too, though it may take some that were under way") func quorum()
    async throws
  {
    let queue = TestQueue(try await TestBroker.server)
    let step = try declared(queue, "quorum", overflow: "reject-publish")
    #expect(try await eventually { await refused(step) == 5 })
  }

  @Test("a queue that is there and overflows in another way is refused", arguments: ["classic", "quorum"])
  func other(type: String) async throws {
    let queue = TestQueue(try await TestBroker.server)
    var message = Message(body: .bytes([1]))
    _ = try await declared(queue, type, overflow: "reject-publish").process(&message, .testing())
    for overflow in ["drop-head", nil] {
      let step = try #require(try declared(queue, type, overflow: overflow) as? any ConnectedStep)
      let failure = await #expect(throws: Failure.self) { try await step.prepare() }
      #expect(failure?.kind == .rejected)
      #expect(failure?.reason.contains("406") == true)
    }
  }

  @Test("a source whose queue was not there finds the one that others have made meanwhile")
  func madeMeanwhile() async throws {
    let queue = TestQueue(try await TestBroker.server)
    let made = try ComponentLoader([.rabbitMQ]).make(
      .source, "rabbitmq", Configuration(entries: queue.broker + [("queue", "\(queue.name)")]))
    guard case .source(let source) = made else { throw Failure(.internal, "rabbitmq is no source") }
    let failure = await #expect(throws: Failure.self) { try await source.prepare() }
    #expect(failure?.kind == .rejected)
    _ = try await queue.make()
    try await source.prepare()
  }

  @Test("a quorum queue would take reject-publish-dlx and not do so, so that is a mistake of the route")
  func meaningless() async throws {
    let queue = TestQueue(try await TestBroker.server)
    let problems = #expect(throws: Diagnostics.self) { try declared(queue, "quorum", overflow: "reject-publish-dlx") }
    #expect(problems?.all.map(\.code) == ["conflicting-options"])
    #expect(problems?.all.first?.message.contains("reject-publish-dlx has no meaning with type quorum") == true)
    let mistyped = #expect(throws: Diagnostics.self) { try declared(queue, "classic", overflow: "drop_head") }
    #expect(mistyped?.all.first?.message.contains("did you mean \"drop-head\"?") == true)
  }
}
