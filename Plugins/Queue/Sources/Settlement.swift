internal import Logging
internal import Omnibus
internal import OmnibusReactor
internal import OmnibusStore

/// What becomes of a message of a queue when the work on it has ended.
struct Settlement: Sendable {
  /// How long another side that asks to be left alone is heeded at the most.
  private static let longestAsked = Duration.seconds(3600)
  private static let pause = Duration.seconds(1)
  /// What refuses a message before the other side was asked.
  private static let guards: Set<String> = ["circuit_breaker", "rate_limit", "bulkhead"]

  let store: any Store
  private let attempts: Int
  private let backoff: Backoff
  private let duration: Duration
  private let metrics: QueueSourceMetrics
  private let context: Context

  init(_ options: QueueSourceOptions, _ store: any Store, _ metrics: QueueSourceMetrics, _ context: Context) {
    attempts = options.attempts
    backoff = options.backoff.backoff
    duration = options.lease
    self.store = store
    self.metrics = metrics
    self.context = context
  }

  /// Has the message worked on, and says what came of it to the store. One that comes again though it was attempted as often
  /// as it may, and no attempt came to an end, has ended the engine each time: it is not attempted again.
  func settle(_ lease: QueueLease, by work: LeasedWork, _ admission: Admission, _ deliver: Deliver) async {
    let attempt = lease.message.delivery?.attempt ?? 1
    guard attempt <= attempts else {
      let reason = "worked on \(attempt - 1) times without coming to an end"
      let failure = Failure(.outcomeUnknown, reason, component: "queue")
      return await bury(lease, work.message, failure, tries: attempt - 1, revision: deliver.revision)
    }
    switch await work.run(admission, deliver) {
    case .returned: await acknowledge(lease)
    case .lostLease: report(.warning, "the lease of a message was lost while it was worked on", lease)
    case .failed where Task.isCancelled: await giveBack(lease)
    case .failed(let failure) where failure.isTransient && failure.component.map(Self.guards.contains) == true:
      await release(lease, after: delay(after: attempt, failure), countingAttempt: false)
    case .failed(let failure):
      let mayPass = failure.isTransient || failure.kind == .cancelled
      guard mayPass, attempt < attempts else {
        return await bury(lease, work.message, failure, tries: attempt, revision: deliver.revision)
      }
      await release(lease, after: delay(after: attempt, failure), countingAttempt: true)
    }
  }

  /// Gives a message back that nobody came to work on, or whose work the engine gave up.
  func giveBack(_ lease: QueueLease) async {
    let isHeld = await say("give back", lease) { [store] in
      try await store.release(lease, after: .zero, countingAttempt: false)
    }
    if isHeld { metrics.released.add() }
    metrics.gauges.note()
  }

  private func acknowledge(_ lease: QueueLease) async {
    if await say("acknowledge", lease, { [store] in try await store.acknowledge(lease) }) { metrics.acknowledged.add() }
    metrics.gauges.note()
  }

  private func release(_ lease: QueueLease, after delay: Duration, countingAttempt: Bool) async {
    let isHeld = await say("release", lease) { [store] in
      try await store.release(lease, after: delay, countingAttempt: countingAttempt)
    }
    if isHeld { metrics.released.add() }
    metrics.gauges.note()
  }

  /// The backoff's wait, or as long as the other side asks for where that is longer.
  private func delay(after attempt: Int, _ failure: Failure) -> Duration {
    let wait = backoff.delay(after: attempt, chance: Double.random(in: 0..<1))
    return max(wait, min(failure.retryAfter ?? .zero, Self.longestAsked))
  }

  /// Makes the message as it came in a letter. One message may be in queues more than once, and is as many letters.
  private func bury(
    _ lease: QueueLease, _ message: Message, _ failure: Failure, tries: Int, revision: String
  ) async {
    let attempt = DeadLetter.Attempt(failure, revision: revision, tries: tries, time: context.clock.wallTime)
    let letter = DeadLetter(
      id: "\(DeadLetter.id(of: message, in: context.route))@\(lease.queue).\(lease.sequence)", route: context.route,
      message: message, size: message.body.size, received: message.delivery?.received ?? context.clock.wallTime,
      attempts: [attempt])
    let isHeld = await say("bury", lease) { [store] in try await store.bury(lease, as: letter) }
    metrics.gauges.note()
    guard isHeld else { return }
    metrics.buried.add()
    report(
      .warning, "a message of the queue is a dead letter", lease,
      ["failure": "\(failure.kind.rawValue)", "step": "\(failure.step ?? "")", "attempts": "\(tries)"])
  }

  /// Says something of a lease to the store, again and again while it fails, and keeps the lease meanwhile: what has ended
  /// is not done again because a disk is full. Where the lease cannot be kept either, or the engine stops, the message
  /// stays in the queue, and comes again. Whether the lease held.
  private func say(
    _ what: String, _ lease: QueueLease, _ call: @escaping @Sendable () async throws -> Bool
  ) async -> Bool {
    var end = context.clock.now &+ duration.nanosecondsClamped
    while true {
      do {
        let isHeld = try await Uncancelled.run(call)
        if !isHeld { report(.warning, "the lease of a message had run out", lease, ["call": "\(what)"]) }
        return isHeld
      } catch {
        let failure = Failure(error)
        let isLate = context.clock.now &+ Self.pause.nanosecondsClamped > end
        if failure.isTransient, !isLate, (try? await context.clock.sleep(for: Self.pause)) != nil {
          let now = context.clock.now
          if (try? await store.extend(lease, for: duration)) == true { end = now &+ duration.nanosecondsClamped }
          continue
        }
        report(
          .error, "a message stays in the queue, as the store fails", lease,
          ["call": "\(what)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
        return false
      }
    }
  }

  private func report(
    _ level: Logger.Level, _ text: Logger.Message, _ lease: QueueLease, _ fields: Logger.Metadata = [:]
  ) {
    let place: Logger.Metadata = [
      "message_id": "\(lease.message.id)", "queue": "\(lease.queue)", "sequence": "\(lease.sequence)",
    ]
    context.logger.log(level: level, text, metadata: place.merging(fields) { first, _ in first })
  }
}
