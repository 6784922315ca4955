import Omnibus
import OmnibusTesting
import Testing

@testable import RabbitMQPlugin

/// Faults of a broker.
@Suite(
  "rabbitmq faults", .enabled("skipped: rabbitmq-server is not installed") { TestBroker.isInstalled },
  .timeLimit(.minutes(10)), .serialized)
struct FaultTests {
  @Test("a broker that is restarted, and then killed, in the middle of traffic loses nothing") func restart()
    async throws
  {
    let server = try await TestBroker.troubled
    let (inbox, outbox) = (try await TestQueue(server).make(), try await TestQueue(server).make())
    let (each, faults) = (600, [false, true])
    let count = each * (faults.count + 1)
    try await inbox.put((0..<count).map { Array("\($0)".utf8) })
    let step = try destination("rabbitmq", outbox, [("routing_key", "\(outbox.name)")])
    let seen = Recorder<String>()
    // So many go on after each fault, so that there are some to be in the middle of at the next one.
    let goesOn = faults.map { _ in StopSignal() }
    let run = try await SourceRun(inbox, [("concurrency", "16"), ("backoff", ["initial": "10ms"])]) { message in
      if let number = Int(message.text), number >= each { await goesOn[number / each - 1].wait() }
      _ = try await step.process(&message, .testing())
      seen.append(message.text)
    }
    // It is stopped first: one that is killed within seconds of a quorum queue's making forgets it, as it writes its list
    // of them later.
    for (isKilled, goesOn) in zip(faults, goesOn) {
      let before = seen.all.count
      #expect(try await run.until(.milliseconds(10)) { seen.all.count >= before + 200 })
      if isKilled { try await server.kill() } else { try await server.stop() }
      #expect(try await run.until(.milliseconds(10)) { run.readiness.all.last == false })
      try await server.start()
      goesOn.signal()
    }
    #expect(try await run.until(.milliseconds(10)) { Set(seen.all).count == count })
    #expect(try await run.until(.milliseconds(10)) { run.readiness.all.last == true })
    try await run.end()
    let arrived = try await outbox.take(quiet: 1000).map(\.text)
    #expect(Set(arrived).count == count)
    // What was under way at such a moment may be there twice: what was worked on, and what was prefetched beside it.
    #expect(arrived.count <= count + faults.count * 64)
    #expect(try await inbox.count() == 0)
    #expect(try await inbox.dead.count() == 0)
  }

  @Test("while the broker has blocked the connection messages wait, and fail as unavailable when their time is up")
  func blocked() async throws {
    let server = try await TestBroker.troubled
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
    let server = try await TestBroker.server
    let queue = try await TestQueue(server).make()
    try await queue.put("a")
    let address = ReservedPort()
    let (context, stop) = (Context.testing(), StopSignal())
    let all: [(String, Configuration)] = [
      ("url", "amqp://\(address.address)"), ("login", TestQueue.login), ("queue", "\(queue.name)"),
    ]
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
    let proxy = try FaultProxy(to: server.port, at: address.number)
    #expect(try await eventually { came.all == ["a"] && readiness.all.last == true })
    stop.signal()
    try await task.value
    proxy.cut()
  }

  @Test("a source whose queue is deleted is not ready, and goes on when it is there again, which it makes where it may")
  func deleted() async throws {
    let server = try await TestBroker.server
    let (found, made) = (try await TestQueue(server).make(), TestQueue(server))
    let declare: Configuration = ["queues": [["name": "\(made.name)"]]]
    let runs = [try await SourceRun(found), try await SourceRun(made, [("declare", declare)])]
    for (queue, run) in zip([found, made], runs) {
      try await queue.delete()
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
    let server = try await TestBroker.troubled
    let (inbox, outbox) = (try await TestQueue(server).make(), try await TestQueue(server).make())
    let patience: [(String, Configuration)] = [("heartbeat", "2s"), ("connect_timeout", "3s")]
    let run = try await SourceRun(inbox, patience)
    let step = try destination("rabbitmq", outbox, [("routing_key", "\(outbox.name)")] + patience)
    let connected = try #require(step as? any ConnectedStep)
    try await connected.prepare()
    #expect(connected.condition.failure == nil)
    server.freeze()
    defer { server.thaw() }
    // Nobody sends: each finds out by itself.
    #expect(try await eventually { run.readiness.all.last == false })
    #expect(try await eventually { connected.condition.failure?.isTransient == true })
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
