internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import OmnibusReactor

/// Takes the messages of a queue of SQS. A message stays hidden from others for as long as it is worked on, and is deleted
/// when the route has returned; one that failed comes again until the queue has had enough of it.
struct SQSSource: Source {
  /// How long nobody looks when the queue could not be read.
  private static let pauses = Backoff(
    initial: .seconds(1), growth: .exponential(factor: 2), max: .seconds(30), jitter: .equal)

  private let options: SQSSourceOptions
  private let queue: SQSQueue
  private let context: Context
  private let metrics: SQSMetrics

  init(_ options: SQSSourceOptions, _ context: Context) throws {
    self.options = options
    self.context = context
    queue = SQSQueue(
      options.queue, try SQSClient(options.aws, timeout: options.timeout, context),
      creation: options.create?.terms(for: options.queue, isSource: true))
    metrics = SQSMetrics(queue.shortName, context)
  }

  var summary: String { "sqs \(queue.shortName) in \(queue.client.region)" }
  /// Any number of consumers share the messages of a queue.
  var mayOverlap: Bool { true }

  /// Finds the queue, or makes it. A service that cannot be reached is no reason not to start.
  func prepare() async throws {
    do throws(Failure) {
      _ = try await queue.visibility(context)
    } catch {
      guard error.isTransient, !error.isOfMissingQueue else { throw error }
      context.logger.warning(
        "the queue cannot be looked for", metadata: ["queue": "\(queue.shortName)", "reason": "\(error.reason)"])
    }
  }

  func run(_ deliver: Deliver) async throws {
    let reader = SQSReader(queue, concurrency: options.concurrency, deliver.context)
    let desk = ReceiveDesk(reader, options)
    let stopping = deliver.stop.onStop { desk.stop() }
    defer { deliver.stop.remove(stopping) }
    deliver.ready()
    await withTaskCancellationHandler {
      await withTaskGroup(of: Void.self) { group in
        group.addTask(executorPreference: deliver.context.reactors.next()) { await reader.beat() }
        await withDiscardingTaskGroup { workers in
          for _ in 0..<options.concurrency {
            workers.addTask(executorPreference: deliver.context.reactors.next()) {
              // What it throws is that it was cancelled.
              try? await work(desk, reader, deliver)
            }
          }
        }
        group.cancelAll()
      }
    } onCancel: {
      desk.stop()
    }
    try Task.checkCancellation()
  }

  /// Works on one message after another. The permits of the route are taken before the message is.
  private func work(_ desk: ReceiveDesk, _ reader: SQSReader, _ deliver: Deliver) async throws {
    var failures = 0
    while await desk.mayHaveMessages(), let admission = try await deliver.admit() {
      do throws(Failure) {
        let unit = try await desk.take()
        failures = 0
        if desk.hasRecovered() { report(.notice, "the queue can be read again") }
        if let unit { await work(on: unit, admission, reader, deliver) } else { admission.end() }
      } catch {
        admission.end()
        guard !deliver.stop.isStopped else { return }
        failures += 1
        if desk.isNewTrouble() { report(.warning, "the queue cannot be read", error) }
        let wait = max(Self.pauses.delay(after: failures, chance: .random(in: 0..<1)), error.retryAfter ?? .zero)
        guard try await deliver.context.clock.sleep(for: wait, unless: deliver.stop) else { return }
      }
    }
  }

  /// Works on the messages of a group in their order. One that fails holds the others back, which come again behind it.
  private func work(
    on unit: ReceiveDesk.Unit, _ first: Admission, _ reader: SQSReader, _ deliver: Deliver
  ) async {
    metrics.received.add(unit.count)
    var admission: Admission? = first
    for (place, message) in unit.enumerated() {
      if place > 0 { admission = try? await deliver.admit() }
      guard let current = admission, !deliver.stop.isStopped, !Task.isCancelled else {
        admission?.end()
        return await reader.giveBackAll(unit[place...].map(\.held))
      }
      guard await work(on: message, current, reader, deliver) else {
        return await reader.giveBackAll(unit[(place + 1)...].map(\.held))
      }
    }
  }

  /// Whether the route took the message, and the queue is rid of it: one that is not comes again, and others of its group
  /// must not come before it.
  private func work(
    on received: ReceivedMessage, _ admission: Admission, _ reader: SQSReader, _ deliver: Deliver
  ) async -> Bool {
    var message = received.message(
      queue: queue.shortName, received: deliver.context.clock.wallTime, admission)
    do {
      try await deliver(&message)
      admission.end()
    } catch {
      admission.end()
      let failure = Failure(error)
      metrics.failed.add()
      if failure.kind == .cancelled {
        await reader.giveBackAll([received.held])
      } else {
        report(.warning, "a message of the queue failed", failure, received)
        await reader.giveBack(received.held, after: wait(received, failure))
      }
      return false
    }
    guard await reader.delete(received.held) else { return false }
    metrics.deleted.add()
    return true
  }

  /// How long a message that failed is hidden; nil leaves it as it is.
  private func wait(_ message: ReceivedMessage, _ failure: Failure) -> Duration? {
    guard let backoff = options.backoff?.backoff else { return nil }
    let wait = backoff.delay(after: message.held.receives, chance: .random(in: 0..<1))
    return max(wait, failure.retryAfter ?? .zero)
  }

  private func report(
    _ level: Logger.Level, _ text: Logger.Message, _ failure: Failure? = nil, _ message: ReceivedMessage? = nil
  ) {
    var fields: Logger.Metadata = ["queue": "\(queue.shortName)"]
    if let failure {
      fields["failure"] = "\(failure.kind.rawValue)"
      fields["reason"] = "\(failure.loggedReason)"
    }
    if let message {
      fields["sqs_message_id"] = "\(message.held.id)"
      fields["receives"] = "\(message.held.receives)"
    }
    context.logger.log(level: level, text, metadata: fields)
  }
}
