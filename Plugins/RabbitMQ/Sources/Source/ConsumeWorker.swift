internal import Logging
internal import Omnibus

/// Works on the deliveries of a queue, one after another, and decides what becomes of each.
struct ConsumeWorker: Sendable {
  private let options: RabbitMQSourceOptions
  private let backoff: Backoff
  private let desk: ConsumeDesk
  private let replies: ReplyPublisher
  private let attempts = AttemptCounter()
  private let metrics: ConsumeMetrics

  init(_ options: RabbitMQSourceOptions, _ broker: Broker, _ desk: ConsumeDesk, _ context: Context) {
    self.options = options
    self.desk = desk
    backoff = options.backoff.backoff
    replies = ReplyPublisher(broker, options, context)
    metrics = ConsumeMetrics(options.queue, context)
  }

  /// Works until no more messages come. The permits of the route are taken before the message is, and given back where
  /// none is there.
  func work(_ deliver: Deliver) async throws {
    while await desk.mayHaveMessages(), let admission = try await deliver.admit() {
      defer { admission.end() }
      guard let inbound = desk.take() else { continue }
      await settle(inbound, admission, deliver)
    }
  }

  private func settle(_ inbound: Inbound, _ admission: Admission, _ deliver: Deliver) async {
    guard let (first, reply, attempt) = read(inbound, admission, deliver.context) else { return }
    var message = first
    do {
      let next = try await deliver(&message)
      if let reply, case .next = next { await replies.send(&message, to: reply.queue, reply.correlation) }
      acknowledge(inbound)
    } catch {
      fail(inbound, Failure(error), attempt, deliver.context)
    }
  }

  // What does not wait stays out of what waits: its variables would lie in the task's memory, of which each of many
  // workers has its own, and not on the thread's stack.

  /// The message of a delivery, where a reply goes to, and which attempt it is; nil for what is none, and was
  /// rejected.
  @inline(never)
  private func read(
    _ inbound: Inbound, _ admission: Admission, _ context: Context
  ) -> (message: Message, reply: InboundMessage.Reply?, attempt: Int)? {
    do throws(Failure) {
      let read = try InboundMessage(inbound.content, queue: options.queue, limit: options.maxBody.bytes)
      var message = read.message
      let attempt = attempts.next(of: inbound.content, counted: read.deliveries)
      message.delivery = Delivery(attempt: attempt, received: context.clock.wallTime, admission: admission)
      return (message, read.reply, attempt)
    } catch {
      reject(inbound, error, tries: 1, context)
      return nil
    }
  }

  @inline(never)
  private func acknowledge(_ inbound: Inbound) {
    desk.settle(inbound.tag, .acknowledged)
    attempts.forget(inbound.content)
    metrics.acknowledged.add()
  }

  /// What may pass goes back to its queue after a while, so that it does not come again at once and again at once; the
  /// rest, and what was tried often enough, goes to where dead messages go.
  @inline(never)
  private func fail(_ inbound: Inbound, _ failure: Failure, _ attempt: Int, _ context: Context) {
    guard failure.isTransient || failure.kind == .cancelled else {
      return reject(inbound, failure, tries: attempt, context)
    }
    if failure.kind == .cancelled || Task.isCancelled {
      metrics.requeued.add()
      return desk.settle(inbound.tag, .requeued)
    }
    guard attempt < options.attempts else { return reject(inbound, failure, tries: attempt, context) }
    let wait = backoff.delay(after: attempt, chance: Double.random(in: 0..<1))
    metrics.requeued.add()
    desk.requeue(inbound.tag, after: min(max(wait, failure.retryAfter ?? .zero), options.backoff.max), context.clock)
  }

  private func reject(_ inbound: Inbound, _ failure: Failure, tries: Int, _ context: Context) {
    desk.settle(inbound.tag, .rejected)
    attempts.forget(inbound.content)
    metrics.rejected.add()
    context.logger.warning(
      "a message of the queue is rejected",
      metadata: [
        "queue": "\(options.queue)", "failure": "\(failure.kind.rawValue)", "step": "\(failure.step ?? "")",
        "attempts": "\(tries)",
      ])
  }
}

/// What is counted of a queue that messages are taken from.
struct ConsumeMetrics: Sendable {
  let acknowledged: Counter
  let requeued: Counter
  let rejected: Counter

  init(_ queue: String, _ context: Context) {
    let labels = [(name: "route", value: context.route), (name: "queue", value: queue)]
    acknowledged = context.metrics.counter(
      "omnibus_rabbitmq_acknowledged_total", "Messages of a broker that were worked on.", labels)
    requeued = context.metrics.counter(
      "omnibus_rabbitmq_requeued_total", "Times that a message was given back to its queue, to come again.", labels)
    rejected = context.metrics.counter(
      "omnibus_rabbitmq_rejected_total", "Messages that were given to where dead messages go.", labels)
  }
}
