internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// Takes the messages of a queue of a broker. Each is acknowledged when the route has returned, and until then is the
/// broker's, which hands it out again where this engine goes away.
struct RabbitMQSource: Source {
  private let options: RabbitMQSourceOptions
  private let broker: Broker
  private let context: Context
  /// What `prepare` found.
  private let found = BrokerCondition()

  init(_ options: RabbitMQSourceOptions, _ context: Context) {
    self.options = options
    self.context = context
    broker = options.server.broker(context)
  }

  var summary: String { "queue \(options.queue) of \(options.server.url.all[0].host)" }
  /// Consumers share the messages of a queue.
  var mayOverlap: Bool { true }

  /// Makes what is to be declared, and looks whether the queue is there. A broker that is not there is no error of the
  /// routes: the source waits for it.
  func prepare() async throws {
    found.forgetRefusal()
    // It may take long where there are many addresses, so it is no thread that others wait for.
    try OperatingSystemThread.start(named: "amqp-prepare") { [options, broker, found] in
      do throws(Failure) {
        let connection = try AMQPConnection.open(broker)
        try connection.make(options.server.declare)
        try connection.count(queue: options.queue)
        connection.close()
        found.become(.ready)
      } catch {
        found.become(.broken(error))
      }
    }
    try await found.expectNoRefusal(context.clock)
  }

  func run(_ deliver: Deliver) async throws {
    let desk = try ConsumeDesk(prefetch: options.handedOut)
    let stopping = deliver.stop.onStop { desk.stop() }
    defer { deliver.stop.remove(stopping) }
    let condition = SourceCondition(deliver)
    // Else whoever starts the route waits for another attempt.
    if let failure = found.now.failure { condition.note(.broken(failure)) }
    try OperatingSystemThread.start(named: "amqp-consume") { [options, broker] in
      ConsumeLoop(options, broker, desk) { condition.note($0) }.run()
    }
    let worker = ConsumeWorker(options, broker, desk, deliver.context)
    await withTaskCancellationHandler {
      await withDiscardingTaskGroup { group in
        for _ in 0..<options.concurrency {
          group.addTask(executorPreference: deliver.context.reactors.next()) {
            // What it throws is that it was cancelled.
            try? await worker.work(deliver)
          }
        }
      }
    } onCancel: {
      desk.stop()
    }
    condition.end()
    await desk.end()
    try Task.checkCancellation()
  }
}

/// Tells engine and operators how the connection of a source is, once for each change.
private final class SourceCondition: Sendable {
  private let deliver: Deliver
  private let state = Mutex((isBroken: false, hasEnded: false))

  init(_ deliver: Deliver) { self.deliver = deliver }

  /// Says nothing any more: the thread may still try to connect when the source has ended.
  func end() { state.withLock { $0.hasEnded = true } }

  func note(_ event: ConsumeLoop.Event) {
    // Told under the lock, so that nothing is told of a source that has ended.
    state.withLock { state in
      guard !state.hasEnded else { return }
      let wasBroken = state.isBroken
      switch event {
      case .consuming:
        state.isBroken = false
        if wasBroken { deliver.context.logger.notice("the queue can be read again") }
        deliver.ready()
      case .broken(let failure):
        state.isBroken = true
        deliver.notReady(failure)
        guard !wasBroken else { return }
        deliver.context.logger.warning(
          "the queue cannot be read",
          metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
      }
    }
  }
}
