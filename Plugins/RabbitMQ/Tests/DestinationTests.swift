import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

@Suite(
  "rabbitmq destination", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(5)))
struct DestinationTests {
  @Test("what a step lists leaves with its type, and nothing else of the message") func properties() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let step = try destination(
      "rabbitmq", queue,
      [
        ("routing_key", "${ headers['x-queue'] }"),
        (
          "headers",
          [
            "x-text": "a ${ headers['x-own'] }", "x-number": "${ 41 + 1 }", "x-flag": "${ true }", "x-price": "1.50",
            "x-list": "${ [1, 'b', {'c': 2.5}] }", "x-time": "${ timestamp('2026-01-02T03:04:05Z') }",
            "x-bytes": "${ b'\\x00\\xff' }", "x-null": "${ null }",
          ]
        ),
        (
          "properties",
          ["correlation_id": "c-7", "type": "visit", "reply_to": "answers", "priority": "3", "app_id": "bus"]
        ),
        ("expiration", "90s"),
      ])
    var message = Message(headers: ["x-queue": "\(queue.name)", "x-own": "b", "authorization": "secret"])
    message.body = .bytes(Array("{}".utf8))
    message.contentType = "application/json"
    message.trace = TraceContext(["traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    #expect(try await step.process(&message, .testing()) == .next)
    let found = try #require(try await queue.take(1).first)
    let headers = found.properties.headers
    #expect(found.text == "{}")
    #expect(headers["content-type"] == "application/json")
    #expect(headers["correlation-id"] == "c-7")
    #expect(headers["type"] == "visit")
    #expect(headers["reply-to"] == "answers")
    #expect(headers["app-id"] == "bus")
    #expect(headers["priority"] == "3")
    #expect(headers["expiration"] == "90000")
    #expect(headers["message-id"]?.hasPrefix("\(message.id)/test/") == true)
    #expect(headers["traceparent"] == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
    #expect(headers["authorization"] == nil)
    #expect(headers["x-text"] == "a b")
    let table = found.properties.table
    #expect(table["x-number"]?.int == 42)
    #expect(table["x-price"]?.headerText == "1.50")
    #expect(table["x-time"]?.headerText == "2026-01-02T03:04:05Z")
    guard case .bytes([0, 0xFF])? = table["x-bytes"], case .bool(true)? = table["x-flag"],
      case .null? = table["x-null"],
      case .list(let list)? = table["x-list"]
    else {
      Issue.record("the headers have other types than they had")
      return
    }
    #expect(list.count == 3 && list[2].member("c")?.headerText == "2.5")
  }

  @Test("many messages at once arrive once, also beyond the window", arguments: [10, 1000])
  func many(window: Int) async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let step = try destination("rabbitmq", queue, [("routing_key", "\(queue.name)"), ("window", "\(window)")])
    try await withThrowingDiscardingTaskGroup { group in
      for number in 0..<500 {
        group.addTask {
          var message = Message(body: .bytes(Array("\(number)".utf8)))
          _ = try await step.process(&message, .testing())
        }
      }
    }
    #expect(Set(try await queue.take(500).map(\.text)) == Set((0..<500).map(String.init)))
  }

  @Test("a message that no queue takes fails, and those beside it arrive") func unroutable() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let step = try destination("rabbitmq", queue, [("routing_key", "${ headers['to'] }")])
    let kinds = Recorder<Failure.Kind>()
    await withDiscardingTaskGroup { group in
      for number in 0..<40 {
        group.addTask {
          let to = number % 4 == 0 ? "nowhere-\(queue.name)" : queue.name
          var message = Message(headers: ["to": to], body: .bytes([UInt8(number)]))
          do { _ = try await step.process(&message, .testing()) } catch { kinds.append(Failure(error).kind) }
        }
      }
    }
    #expect(kinds.all == [Failure.Kind](repeating: .rejected, count: 10))
    #expect(try await queue.take(30).allSatisfy { $0.content.body[0] % 4 != 0 })
    let careless = try destination("rabbitmq", queue, [("routing_key", "nowhere"), ("mandatory", "false")])
    var message = Message(body: .bytes([1]))
    #expect(try await careless.process(&message, .testing()) == .next)
  }

  @Test("of 500 messages alike in id and key that are under way, those come back that their headers lead nowhere")
  func returned() async throws {
    let queue = TestQueue(try await TestBroker.server)
    let exchange = "by-headers-\(queue.name)"
    let step = try destination(
      "rabbitmq", queue,
      [
        ("exchange", "\(exchange)"), ("routing_key", "same"), ("headers", ["way": "${ headers['way'] }"]),
        ("properties", ["message_id": "same"]),
        (
          "declare",
          [
            "exchanges": [["name": "\(exchange)", "type": "headers"]],
            "queues": [["name": "\(queue.name)", "type": "classic"]],
            "bindings": [["exchange": "\(exchange)", "queue": "\(queue.name)", "headers": ["way": "in"]]],
          ]
        ),
      ])
    let outcomes = Recorder<String>()
    await withDiscardingTaskGroup { group in
      for number in 0..<500 {
        group.addTask {
          let way = number % 3 == 0 ? "out" : "in"
          var message = Message(headers: ["way": way], body: .bytes(Array("\(number)".utf8)))
          do {
            _ = try await step.process(&message, .testing())
            outcomes.append("\(way) kept")
          } catch {
            outcomes.append("\(way) \(Failure(error).kind.rawValue)")
          }
        }
      }
    }
    #expect(outcomes.all.filter { $0 == "in kept" }.count == 333)
    #expect(outcomes.all.filter { $0 == "out rejected" }.count == 167)
    #expect(try await queue.count() == 333)
  }

  @Test("a queue that is full refuses, and who is told that it took a message finds it there") func full() async throws
  {
    let queue = try await TestQueue(TestBroker.server).make(.classic, limit: 5)
    let step = try destination("rabbitmq", queue, [("routing_key", "\(queue.name)")])
    let (kept, refused) = (Recorder<String>(), Recorder<Failure.Kind>())
    await withDiscardingTaskGroup { group in
      for number in 0..<40 {
        group.addTask {
          var message = Message(body: .bytes(Array("\(number)".utf8)))
          do {
            _ = try await step.process(&message, .testing())
            kept.append("\(number)")
          } catch {
            refused.append(Failure(error).kind)
          }
        }
      }
    }
    #expect(!kept.all.isEmpty && kept.all.count + refused.all.count == 40)
    #expect(refused.all.allSatisfy { $0 == .unavailable })
    #expect(Set(try await queue.take().map(\.text)) == Set(kept.all))
  }

  @Test("a reply that comes too late is nobody's, and whoever replies to one who has gone has done his work")
  func late() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let (release, clock, came) = (StopSignal(), ManualClock(), Recorder<String>())
    let run = try await SourceRun(queue, [("concurrency", "4")]) { message in
      came.append(message.text)
      if message.text != "quick" { await release.wait() }
      message.body = .bytes(Array("reply to \(message.text)".utf8))
    }
    let context = Context.testing(step: "ask", clock: clock)
    let options: [(String, Configuration)] = [("routing_key", "\(queue.name)"), ("timeout", "5s")]
    let step = try destination("rabbitmq_request", queue, options, context: context)
    @Sendable func ask(_ text: String, _ step: any Step) -> Task<String, any Error> {
      Task {
        var message = Message(body: .bytes(Array(text.utf8)))
        _ = try await step.process(&message, context)
        return message.text
      }
    }
    let slow = ask("slow", step)
    var gone: (any Step)? = try destination("rabbitmq_request", queue, options, context: context)
    let asked = gone.map { ask("gone", $0) }
    gone = nil
    #expect(try await run.until { came.all.count == 2 })
    for _ in 0..<7 { clock.advance(by: .seconds(1)) }
    let failures = [
      await #expect(throws: Failure.self) { try await slow.value },
      await #expect(throws: Failure.self) { try await asked?.value },
    ]
    #expect(failures.allSatisfy { $0?.kind == .outcomeUnknown })
    release.signal()
    #expect(try await ask("quick", step).value == "reply to quick")
    #expect(try await run.until { run.route.taken.all.count == 3 })
    try await run.end()
    #expect(try await queue.count() == 0)
    #expect(try await queue.dead.count() == 0)
  }

  @Test("a request takes its own reply, or none within the time") func request() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let run = try await SourceRun(queue, [("concurrency", "8")]) { message in
      if message.text == "silent" { throw Failure(.invalid, "the test wants it so") }
      message.body = .bytes(Array("reply to \(message.text)".utf8))
      message.contentType = "text/plain"
    }
    let clock = ManualClock()
    let context = Context.testing(step: "ask", clock: clock)
    let step = try destination(
      "rabbitmq_request", queue, [("routing_key", "\(queue.name)"), ("timeout", "5s")], context: context)
    try await withThrowingDiscardingTaskGroup { group in
      for number in 0..<50 {
        group.addTask {
          var message = Message(body: .bytes(Array("\(number)".utf8)))
          _ = try await step.process(&message, context)
          #expect(message.text == "reply to \(number)")
          #expect(message.contentType == "text/plain")
          #expect(message.properties["ask"]?.member("headers") != nil)
        }
      }
    }
    let silent = Task {
      var message = Message(body: .bytes(Array("silent".utf8)))
      _ = try await step.process(&message, context)
    }
    #expect(try await run.until { try await queue.dead.count() == 1 })
    #expect(run.route.received.all.count == 50)
    for _ in 0..<7 { clock.advance(by: .seconds(1)) }
    let failure = await #expect(throws: Failure.self) { try await silent.value }
    #expect(failure?.kind == .outcomeUnknown)
    try await run.end()
  }

  @Test("a broker of small frames gets a body in as many as it takes, and no headers that fit none")
  func smallFrames() async throws {
    let server = try await RabbitMQServer(settings: ["frame_max = 4096"])
    let queue = try await TestQueue(server).make()
    let step = try destination(
      "rabbitmq", queue, [("routing_key", "\(queue.name)"), ("headers", ["note": "${ headers['note'] }"])])
    let body = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    var message = Message(headers: ["note": "short"], body: .bytes(body))
    _ = try await step.process(&message, .testing())
    #expect(try await queue.take(1).map(\.content.body) == [body])
    var large = Message(headers: ["note": String(repeating: "x", count: 5000)], body: .bytes(body))
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&large, .testing()) }
    #expect(failure?.kind == .invalid)
    _ = try await step.process(&message, .testing())
    #expect(try await queue.take(1).count == 1)
    try await server.stop()
  }

  @Test("a body over the bound is refused before it is sent") func tooLarge() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let step = try destination("rabbitmq", queue, [("routing_key", "\(queue.name)"), ("max_body", "8B")])
    var message = Message(body: .bytes([UInt8](repeating: 1, count: 9)))
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&message, .testing()) }
    #expect(failure?.kind == .invalid)
    #expect(try await queue.count() == 0)
  }

  @Test("what is declared is made, and routes as it says") func topology() async throws {
    let queue = TestQueue(try await TestBroker.server)
    let exchange = "events-\(queue.name)"
    let step = try destination(
      "rabbitmq", queue,
      [
        ("exchange", "\(exchange)"), ("routing_key", "visit.created"),
        (
          "declare",
          [
            "exchanges": [["name": "\(exchange)", "type": "topic"]],
            "queues": [["name": "\(queue.name)", "message_ttl": "1h", "max_length": 5, "delivery_limit": 3]],
            "bindings": [["exchange": "\(exchange)", "queue": "\(queue.name)", "routing_key": "visit.*"]],
          ]
        ),
      ])
    var message = Message(body: .bytes([1]))
    _ = try await step.process(&message, .testing())
    #expect(try await queue.take(1).first?.content.exchange == exchange)
    // The same queue with other arguments is none that could be made.
    let other = try destination(
      "rabbitmq", queue,
      [("routing_key", "\(queue.name)"), ("declare", ["queues": [["name": "\(queue.name)", "type": "classic"]]])])
    let failure = await #expect(throws: Failure.self) { _ = try await other.process(&message, .testing()) }
    #expect(failure?.kind == .rejected)
    #expect(failure?.reason.contains("406") == true)
  }

  @Test("an exchange that is not there refuses the message") func missingExchange() async throws {
    let queue = try await TestQueue(TestBroker.server).make()
    let step = try destination("rabbitmq", queue, [("exchange", "none-\(queue.name)")])
    var message = Message(body: .bytes([1]))
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&message, .testing()) }
    #expect(failure?.kind == .rejected)
    #expect(failure?.reason.contains("404") == true)
  }
}
