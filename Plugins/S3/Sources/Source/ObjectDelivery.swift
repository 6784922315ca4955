internal import Logging
internal import Omnibus
internal import OmnibusHTTP

/// Takes one object, delivers it, and does with it what the route says.
struct ObjectDelivery: Sendable {
  /// What came of it.
  enum Outcome: Sendable {
    /// There is nothing more to do with it, or it is gone.
    case ended
    /// It stays, and is to come again.
    case left
  }

  let bucket: S3Bucket
  let options: S3SourceOptions
  let memory: ObjectMemory
  let settlement: ObjectSettlement
  let deliver: Deliver

  private var context: Context { deliver.context }
  private var logger: Logger { deliver.context.logger }

  /// Works on an object that was found, and was taken `attempts` times before. Ends the admission.
  @discardableResult
  func process(_ found: ObjectSummary, attempts: Int, _ admission: Admission) async -> Outcome {
    defer {
      admission.end()
      memory.end(found.key)
    }
    do {
      try settlement.check(found, [options.done.work, options.failed.work])
      if try await isSettled(found) {
        keep(found)
        return .ended
      }
      guard let (object, answer) = try await take(found) else { return .ended }
      let isComposite = ObjectCheck.isComposite(answer.headers)
      let sizes = isComposite ? try await ObjectParts.sizes(of: object, bucket, context) : []
      let reader = ObjectReader(size: found.size, answer.headers, partSizes: sizes)
      let body = try reader.body(of: answer)
      let work = try await hand(on: body, of: object, answer.headers, reader, attempts, admission)
      guard let work else {
        leave(found, attempts)
        return .left
      }
      return try await settle(object, work)
    } catch {
      let failure = Failure(error)
      guard failure.kind != .cancelled, !Task.isCancelled else { return .left }
      logger.error(
        "an object cannot be taken, trying again",
        metadata: ["key": "\(found.key)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
      leave(found, attempts)
      return .left
    }
  }

  /// Tries once more to do the rest with objects whose messages have ended.
  func settleOwed(_ owed: [ObjectMemory.Owed]) async throws {
    for one in owed { _ = try await settle(one.object, one.work) }
  }

  /// The object that an event tells of; nil where it is gone.
  func summary(of event: ObjectEvent) async throws(Failure) -> ObjectSummary? {
    if let etag = event.etag, let size = event.size {
      return ObjectSummary(key: event.key, etag: "\"\(etag)\"", size: size)
    }
    do throws(Failure) {
      let answer = try await bucket.send(S3Request("HEAD", event.key), context)
      guard let size = answer.headers["content-length"].flatMap({ Int($0) }) else {
        throw Failure(.unavailable, "s3 answered an object without its length")
      }
      return ObjectSummary(key: event.key, etag: answer.headers["etag"] ?? "", size: size)
    } catch {
      guard error.isMissingObject else { throw error }
      return nil
    }
  }

  private func leave(_ found: ObjectSummary, _ attempts: Int) {
    // When it comes again is for the queue to say that tells of it.
    guard options.notifications == nil else { return }
    memory.leave(found, attempts: attempts + 1, at: context.clock.now)
  }

  /// Notes that an object is done and stays, for the next list.
  private func keep(_ found: ObjectSummary) {
    if options.notifications == nil { memory.settled(found) }
  }

  /// Whether it has the tags that objects get whose messages have ended.
  private func isSettled(_ found: ObjectSummary) async throws(Failure) -> Bool {
    let sets = [options.done.work, options.failed.work].compactMap { work -> ObjectTags? in
      if case .tag(let tags) = work { tags } else { nil }
    }
    guard !sets.isEmpty else { return false }
    do throws(Failure) {
      let present = try await ObjectTags.fetch(found.key, version: nil, bucket, context)
      return sets.contains { present.contains($0) }
    } catch {
      guard error.isMissingObject else { throw error }
      return false
    }
  }

  /// The object as it was found; nil where it is another one by now, or gone.
  private func take(_ found: ObjectSummary) async throws(Failure) -> (FoundObject, HTTPClientResponse)? {
    var request = S3Request("GET", found.key)
    if !found.etag.isEmpty { request.headers["if-match"] = found.etag }
    request.headers["x-amz-checksum-mode"] = "ENABLED"
    request.wantsStream = found.size > options.streamAbove.bytes
    request.maxAnswer = max(found.size, 1 << 20)
    do throws(Failure) {
      let answer = try await bucket.send(request, context)
      return (FoundObject(found, answer.headers), answer)
    } catch {
      guard error.isFailedCondition || error.isMissingObject else { throw error }
      logger.notice(
        error.isMissingObject ? "an object vanished before it was read" : "an object was replaced before it was read",
        metadata: ["key": "\(found.key)"])
      return nil
    }
  }

  /// Delivers it, and answers what then becomes of it; nil where it failed, and comes again. What the store did not give
  /// whole is left, whatever the route made of that. Being cancelled leaves it too.
  private func hand(
    on body: Body, of object: FoundObject, _ answer: Headers, _ reader: ObjectReader, _ attempts: Int,
    _ admission: Admission
  ) async throws -> AfterWork? {
    let now = context.clock.wallTime
    var message = ObjectMessage.make(bucket, object, answer, wallTime: now)
    let id = message.id
    message.body = body
    message.delivery = Delivery(attempt: attempts + 1, received: now, admission: admission)
    do {
      try await deliver(&message)
    } catch {
      let failure = Failure(error)
      if failure.kind == .cancelled || Task.isCancelled { throw CancellationError() }
      if reader.failure == nil {
        logger.error(
          "an object failed",
          metadata: [
            "key": "\(object.summary.key)", "message_id": "\(id)", "failure": "\(failure.kind.rawValue)",
            "reason": "\(failure.loggedReason)",
          ])
        let mayPass = failure.isTransient && attempts + 1 < options.attempts ?? .max
        return mayPass || options.failed.work == .leave ? nil : options.failed.work
      }
    }
    if let failure = reader.failure { throw failure }
    return options.done.work
  }

  private func settle(_ object: FoundObject, _ work: AfterWork) async throws -> Outcome {
    do throws(Failure) {
      try await settlement.settle(object, work)
      if case .tag = work { keep(object.summary) }
      return .ended
    } catch {
      guard error.kind != .cancelled, !Task.isCancelled else { throw CancellationError() }
      logger.error(
        "an object cannot be moved on, trying again",
        metadata: ["key": "\(object.summary.key)", "failure": "\(error.kind.rawValue)", "reason": "\(error.reason)"])
      memory.owe(object, work)
      return .left
    }
  }
}
