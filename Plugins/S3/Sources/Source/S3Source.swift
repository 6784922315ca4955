internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import OmnibusReactor

/// Takes the objects that come into a bucket. An object stays where it is until its message has ended, so that one whose
/// work was cut short comes again.
struct S3Source: Source {
  private let options: S3SourceOptions
  private let bucket: S3Bucket
  private let context: Context

  init(_ options: S3SourceOptions, _ context: Context) throws(OptionProblem) {
    self.options = options
    self.context = context
    bucket = try S3Bucket(
      options.bucket, options.aws, isPath: options.pathStyle, timeout: options.timeout, context)
  }

  var summary: String { "s3://\(options.bucket)/\(options.prefix)*\(options.suffix)" }
  var claims: [SourceClaim] { [SourceClaim(bucket.place, pattern: "\(options.prefix)*\(options.suffix)")] }

  /// Looks once. What may pass by itself keeps no route from starting: then objects are found once it has.
  func prepare() async throws {
    do {
      _ = try await ObjectPage.fetch(bucket, prefix: options.prefix, after: nil, most: 1, context)
    } catch {
      let failure = Failure(error)
      guard failure.isTransient, failure.answered?.code != "NoSuchBucket" else {
        throw Failure(failure.kind, "cannot list the bucket \(options.bucket): \(failure.reason)", cause: failure.cause)
      }
      context.logger.warning(
        "the bucket cannot be listed yet",
        metadata: ["failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
    }
  }

  func run(_ deliver: Deliver) async throws {
    let memory = ObjectMemory(pause: max(options.poll, .seconds(1)).nanosecondsClamped)
    let settlement = ObjectSettlement(bucket: bucket, prefix: options.prefix, context: deliver.context)
    let delivery = ObjectDelivery(
      bucket: bucket, options: options, memory: memory, settlement: settlement, deliver: deliver)
    let slots = Slots(options.maxInFlight)
    deliver.ready()
    try await withThrowingDiscardingTaskGroup { group in
      var sighting = BucketSighting(logger: deliver.context.logger)
      let clock = deliver.context.clock
      while !deliver.stop.isStopped {
        var wait = options.poll
        let (owed, pause) = memory.takeOwed()
        try await delivery.settleOwed(owed)
        if memory.owes {
          wait = .nanoseconds(Int64(clamping: pause))
        } else {
          do {
            try await sweep(delivery, memory, slots, &group)
            sighting.succeeded()
          } catch {
            let failure = Failure(error)
            if failure.kind == .cancelled || Task.isCancelled { throw CancellationError() }
            sighting.failed(failure)
            wait = max(wait, failure.retryAfter ?? .zero)
          }
        }
        guard try await clock.sleep(for: wait, unless: deliver.stop) else { return }
      }
    }
  }

  /// Lists the bucket page by page, and works on what is new, on so many objects at once as the route allows. Takes none
  /// once the source is to stop, or one could not be moved on.
  private func sweep(
    _ delivery: ObjectDelivery, _ memory: ObjectMemory, _ slots: Slots,
    _ group: inout ThrowingDiscardingTaskGroup<any Error>
  ) async throws {
    let deliver = delivery.deliver
    var token: String?
    repeat {
      let page = try await ObjectPage.fetch(bucket, prefix: options.prefix, after: token, deliver.context)
      for object in page.objects where isWanted(object) {
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

  private func isWanted(_ object: ObjectSummary) -> Bool {
    guard !object.isFolder, object.key.utf8.starts(with: options.prefix.utf8) else { return false }
    let rest = object.key.utf8.count - options.prefix.utf8.count
    return rest >= options.suffix.utf8.count && object.key.utf8.reversed().starts(with: options.suffix.utf8.reversed())
  }
}
