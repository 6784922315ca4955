internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import OmnibusReactor

/// Takes the objects that come into a bucket. An object stays where it is until its message has ended, so that one whose
/// work was cut short comes again.
struct S3Source: Source {
  private let options: S3SourceOptions
  private let bucket: S3Bucket
  private let queue: SQSQueue?
  private let context: Context

  init(_ options: S3SourceOptions, _ context: Context) throws(OptionProblem) {
    self.options = options
    self.context = context
    bucket = try S3Bucket(
      options.bucket, options.aws, isPath: options.pathStyle, timeout: options.timeout, context)
    if let notifications = options.notifications {
      queue = SQSQueue(
        notifications.queue,
        try SQSClient(options.aws, endpoint: notifications.endpoint, timeout: options.timeout, context))
    } else {
      queue = nil
    }
  }

  var summary: String {
    "s3://\(options.bucket)/\(options.prefix)*\(options.suffix)"
      + (queue.map { ", by the queue \($0.shortName)" } ?? "")
  }
  /// Objects lie there as files do: whoever put one there takes part in no trace.
  var spanKind: Span.Origin.Kind { .internal }
  var claims: [SourceClaim] { [SourceClaim(bucket.place, pattern: "\(options.prefix)*\(options.suffix)")] }

  /// Looks once. What may pass by itself keeps no route from starting: then objects are found once it has.
  func prepare() async throws {
    let what = queue.map { "find the queue \($0.shortName)" } ?? "list the bucket \(options.bucket)"
    do {
      if let queue {
        _ = try await queue.visibility(context)
      } else {
        _ = try await ObjectPage.fetch(bucket, prefix: options.prefix, after: nil, most: 1, context)
      }
    } catch {
      let failure = Failure(error)
      guard failure.isTransient, !(400..<500 ~= failure.answered?.status ?? 0 && failure.kind == .unavailable) else {
        throw Failure(failure.kind, "cannot \(what): \(failure.reason)", cause: failure.cause)
      }
      context.logger.warning(
        "objects cannot be looked for yet",
        metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
    }
  }

  func run(_ deliver: Deliver) async throws {
    let memory = ObjectMemory(pause: max(options.poll, .seconds(1)).nanosecondsClamped)
    let settlement = ObjectSettlement(bucket: bucket, prefix: options.prefix, context: deliver.context)
    let delivery = ObjectDelivery(
      bucket: bucket, options: options, memory: memory, settlement: settlement, deliver: deliver)
    let slots = Slots(options.maxInFlight)
    guard let queue, let notifications = options.notifications else {
      return try await look(deliver, delivery, slots, by: nil)
    }
    let reader = SQSReader(queue, concurrency: options.maxInFlight, deliver.context)
    let reading = NotificationReading(
      queue: queue, reader: reader, options: notifications, isWanted: isWanted, delivery: delivery, slots: slots)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: deliver.context.reactors.next()) { await reader.beat() }
      try await look(deliver, delivery, slots, by: reading)
      group.cancelAll()
    }
  }

  /// Looks for objects, in lists or by what a queue tells, and works on them, until the source is to stop.
  private func look(
    _ deliver: Deliver, _ delivery: ObjectDelivery, _ slots: Slots, by reading: NotificationReading?
  ) async throws {
    let memory = delivery.memory
    deliver.ready()
    try await withThrowingDiscardingTaskGroup { group in
      var sighting = BucketSighting(logger: deliver.context.logger)
      while !deliver.stop.isStopped {
        var wait = reading == nil ? options.poll : .zero
        let (owed, pause) = memory.takeOwed()
        try await delivery.settleOwed(owed)
        if memory.owes {
          wait = .nanoseconds(Int64(clamping: pause))
        } else {
          do {
            if let reading { try await reading.round(&group) } else { try await sweep(delivery, slots, &group) }
            sighting.succeeded()
          } catch {
            let failure = Failure(error)
            if failure.kind == .cancelled || Task.isCancelled { throw CancellationError() }
            sighting.failed(failure)
            wait = max(options.poll, failure.retryAfter ?? .zero)
          }
        }
        guard wait > .zero else { continue }
        guard try await deliver.context.clock.sleep(for: wait, unless: deliver.stop) else { return }
      }
    }
  }

  /// Lists the bucket page by page, and works on what is new, on so many objects at once as the route allows. Takes none
  /// once the source is to stop, or one could not be moved on.
  private func sweep(
    _ delivery: ObjectDelivery, _ slots: Slots, _ group: inout ThrowingDiscardingTaskGroup<any Error>
  ) async throws {
    let (deliver, memory) = (delivery.deliver, delivery.memory)
    var token: String?
    repeat {
      let page = try await ObjectPage.fetch(bucket, prefix: options.prefix, after: token, deliver.context)
      for object in page.objects where !object.isFolder && isWanted(object.key) {
        guard let attempts = memory.mayTake(object, at: deliver.context.clock.now) else { continue }
        await slots.take()
        guard !deliver.stop.isStopped, !Task.isCancelled, !memory.owes, let admission = try await deliver.admit() else {
          slots.give()
          return
        }
        memory.begin(object.key)
        group.addTask(executorPreference: deliver.context.reactors.next()) {
          await delivery.process(object, attempts: attempts, admission)
          slots.give()
        }
      }
      guard page.next == nil || page.next != token else {
        throw Failure(.unavailable, "s3 answered a list that goes on where it was")
      }
      token = page.next
    } while token != nil && !deliver.stop.isStopped
    if token == nil { memory.endSweep() }
  }

  private func isWanted(_ key: String) -> Bool {
    guard key.utf8.starts(with: options.prefix.utf8) else { return false }
    let rest = key.utf8.count - options.prefix.utf8.count
    return rest >= options.suffix.utf8.count && key.utf8.reversed().starts(with: options.suffix.utf8.reversed())
  }
}
