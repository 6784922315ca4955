import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

/// Faults of a broker, which each test has for itself.
@Suite(
  "rabbitmq faults", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(10)), .serialized)
struct FaultTests {
  @Test("a broker that is restarted, or killed, in the middle of traffic loses nothing", arguments: [false, true])
  func restart(isKilled: Bool) async throws {
    let server = try await RabbitMQServer()
    let (inbox, outbox) = (try await TestQueue(server).make(), try await TestQueue(server).make())
    let count = 2000
    // A broker that is killed within seconds of a quorum queue's making forgets it: it writes its list of them later.
    try await server.stop()
    try await server.start()
    try await inbox.put((0..<count).map { Array("\($0)".utf8) })
    let step = try destination("rabbitmq", outbox, [("routing_key", "\(outbox.name)")])
    let seen = Recorder<String>()
    let run = try await SourceRun(inbox, [("concurrency", "16"), ("backoff", ["initial": "10ms"])]) { message in
      _ = try await step.process(&message, .testing())
      seen.append(message.text)
    }
    #expect(try await run.until(.milliseconds(10)) { seen.all.count >= 200 })
    if isKilled { try await server.kill() } else { try await server.stop() }
    #expect(try await run.until(.milliseconds(10)) { run.readiness.all.last == false })
    try await server.start()
    #expect(
      try await eventually(within: .seconds(90)) {
        run.clock.advance(by: .milliseconds(10))
        return Set(seen.all).count == count
      })
    #expect(try await run.until(.milliseconds(10)) { run.readiness.all.last == true })
    try await run.end()
    let arrived = try await outbox.take(quiet: 1000).map(\.text)
    #expect(Set(arrived).count == count)
    // What was under way at that moment may be there twice: what was worked on, and what was prefetched beside it.
    #expect(arrived.count <= count + 64)
    #expect(try await inbox.count() == 0)
    #expect(try await inbox.dead.count() == 0)
  }

  @Test("while the broker has blocked the connection messages wait, and fail as unavailable when their time is up")
  func blocked() async throws {
    let server = try await RabbitMQServer()
    let queue = try await TestQueue(server).make()
    let clock = ManualClock()
    let metrics = Metrics()
    let context = Context.testing(clock: clock, metrics: metrics)
    let step = try destination(
      "rabbitmq", queue, [("routing_key", "\(queue.name)"), ("timeout", "20s")], context: context)
    let failures = Recorder<Failure>()
    @Sendable func send(_ body: [UInt8]) -> Task<Void, any Error> {
      Task {
        var message = Message(body: .bytes(body))
        do { _ = try await step.process(&message, context) } catch {
          failures.append(Failure(error))
          throw error
        }
      }
    }
    @Sendable func isBlocked() -> Bool {
      let series = metrics.read().first { $0.name == "omnibus_rabbitmq_blocked" }?.series.first
      if case .number(1)? = series?.reading { return true }
      return false
    }
    try await send([1]).value
    try await server.control("set_vm_memory_high_watermark", "absolute", "1")
    // The broker says so when the next message comes, which it does not take.
    let first = send([2])
    #expect(try await eventually { isBlocked() })
    for _ in 0..<20 { _ = send([UInt8](repeating: 3, count: 1 << 20)) }
    #expect(
      try await eventually {
        clock.advance(by: .seconds(1))
        return failures.all.count == 21
      })
    _ = await first.result
    let kinds = failures.all.map(\.kind)
    // Nobody knows of the one that was sent; the others never were.
    #expect(kinds.filter { $0 == .outcomeUnknown }.count <= 1)
    #expect(kinds.allSatisfy { $0 == .unavailable || $0 == .outcomeUnknown })
    #expect(failures.all.filter { $0.reason.contains("short of memory") }.count >= 20)
    let last = send([4])
    try await server.control("set_vm_memory_high_watermark", "0.4")
    try await last.value
    #expect(try await eventually { !isBlocked() })
    let bodies = try await queue.take(quiet: 1000).map(\.content.body)
    #expect(bodies.contains([1]) && bodies.contains([4]))
  }

  @Test("a source waits for a broker that is not there when it starts") func lateBroker() async throws {
    let server = try await RabbitMQServer()
    let queue = try await TestQueue(server).make()
    try await queue.put("a")
    try await server.stop()
    let (context, stop) = (Context.testing(), StopSignal())
    let all = queue.broker + [("queue", "\(queue.name)")]
    guard
      case .source(let source) = try ComponentLoader([.rabbitMQ], context: context).make(
        .source, "rabbitmq", Configuration(entries: all))
    else { return }
    try await source.prepare()
    let (readiness, came) = (Recorder<Bool>(), Recorder<String>())
    let deliver = Deliver(
      context: context, stop: stop, ready: { readiness.append(true) }, notReady: { _ in readiness.append(false) }
    ) { message, _ in
      came.append(message.text)
      return .next
    }
    let task = Task { try await source.run(deliver) }
    #expect(try await eventually { readiness.all.last == false })
    try await server.start()
    #expect(try await eventually { came.all == ["a"] && readiness.all.last == true })
    stop.signal()
    try await task.value
  }

  @Test("a source whose queue is deleted is not ready, and goes on when it is there again, which it makes where it may")
  func deleted() async throws {
    let server = try await TestBroker.server
    let (found, made) = (try await TestQueue(server).make(), TestQueue(server))
    let declare: Configuration = ["queues": [["name": "\(made.name)"]]]
    let runs = [try await SourceRun(found), try await SourceRun(made, [("declare", declare)])]
    for (queue, run) in zip([found, made], runs) {
      try await server.control("delete_queue", queue.name)
      #expect(try await eventually { run.readiness.all.contains(false) })
    }
    #expect(try await eventually { runs[1].readiness.all.last == true })
    #expect(runs[0].readiness.all.last == false)
    _ = try await found.make()
    for (queue, run) in zip([found, made], runs) {
      try await queue.put("a")
      #expect(try await run.until { run.route.received.all.map(\.text) == ["a"] })
      try await run.end()
      #expect(try await queue.count() == 0)
    }
  }

  @Test("a channel that the broker closes, as after an acknowledgement that it knows already, is opened again")
  func channelClosed() async throws {
    let server = try await TestBroker.server
    let queue = try await TestQueue(server).make()
    let proxy = try FaultProxy(to: server.port)
    let run = try await SourceRun(
      queue, [("concurrency", "4")],
      broker: [("url", "amqp://127.0.0.1:\(proxy.port)"), ("login", TestQueue.login)])
    proxy.become(.repeatAcknowledgement)
    try await queue.put((0..<100).map { Array("\($0)".utf8) })
    #expect(try await run.until { Set(run.route.received.all.map(\.text)).count == 100 })
    #expect(try await run.until { run.readiness.all == [true, false, true] })
    #expect(run.log.lines.all.contains { $0.fields["reason"]?.contains("406") == true })
    try await run.end()
    #expect(run.route.received.all.count <= 108)
    #expect(try await queue.count() == 0)
    #expect(try await queue.dead.count() == 0)
  }

  @Test("a broker that is halted is found out by its heartbeat, and used again when it goes on") func halted()
    async throws
  {
    let server = try await RabbitMQServer()
    let (inbox, outbox) = (try await TestQueue(server).make(), try await TestQueue(server).make())
    let patience: [(String, Configuration)] = [("heartbeat", "1s"), ("connect_timeout", "1s")]
    let run = try await SourceRun(inbox, patience)
    let step = try destination("rabbitmq", outbox, [("routing_key", "\(outbox.name)")] + patience)
    let connected = try #require(step as? any ConnectedStep)
    try await connected.prepare()
    #expect(connected.condition.failure == nil)
    server.freeze()
    // Nobody sends: each finds out by itself.
    #expect(try await eventually(within: .seconds(10)) { run.readiness.all.last == false })
    #expect(try await eventually(within: .seconds(10)) { connected.condition.failure?.isTransient == true })
    var message = Message(body: .bytes([1]))
    let failure = await #expect(throws: Failure.self) { _ = try await step.process(&message, .testing()) }
    #expect(failure?.isTransient == true)
    server.thaw()
    #expect(try await eventually { run.readiness.all.last == true && connected.condition.failure == nil })
    try await inbox.put("a")
    #expect(try await run.until { run.route.received.all.map(\.text) == ["a"] })
    _ = try await step.process(&message, .testing())
    #expect(try await outbox.take(1).count == 1)
    try await run.end()
  }

  @Test("a source ends while the broker is away") func endsWithoutBroker() async throws {
    let server = try await TestBroker.server
    let queue = try await TestQueue(server).make()
    let proxy = try FaultProxy(to: server.port)
    let broker: [(String, Configuration)] = [("url", "amqp://127.0.0.1:\(proxy.port)"), ("login", TestQueue.login)]
    let run = try await SourceRun(queue, broker: broker)
    proxy.become(.refuse)
    #expect(try await run.until { run.readiness.all.last == false })
    try await run.end()
  }
}
