internal import Logging
internal import Omnibus
internal import OmnibusHTTP

/// Takes one object, delivers it, and does with it what the route says.
struct ObjectDelivery: Sendable {
  let bucket: S3Bucket
  let options: S3SourceOptions
  let memory: ObjectMemory
  let settlement: ObjectSettlement
  let deliver: Deliver

  private var context: Context { deliver.context }
  private var logger: Logger { deliver.context.logger }

  /// Works on an object that was found, and was taken `attempts` times before. Ends the admission.
  func process(_ found: ObjectSummary, attempts: Int, _ admission: Admission) async {
    defer {
      admission.end()
      memory.end(found.key)
    }
    do {
      if try await isSettled(found) { return memory.settled(found) }
      guard let (object, answer) = try await take(found) else { return }
      let reader = ObjectReader(size: found.size, answer.headers)
      let body = try reader.body(of: answer)
      let work = try await hand(on: body, of: object, answer.headers, reader, attempts, admission)
      guard work != .leave else { return leave(found, attempts) }
      try await settle(object, work)
    } catch {
      let failure = Failure(error)
      guard failure.kind != .cancelled, !Task.isCancelled else { return }
      logger.error(
        "an object cannot be taken, trying again",
        metadata: ["key": "\(found.key)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.reason)"])
      leave(found, attempts)
    }
  }

  /// Tries once more to do the rest with objects whose messages have ended.
  func settleOwed(_ owed: [ObjectMemory.Owed]) async throws {
    for one in owed { try await settle(one.object, one.work) }
  }

  private func leave(_ found: ObjectSummary, _ attempts: Int) {
    memory.leave(found, attempts: attempts + 1, at: context.clock.now)
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

  /// Delivers it, and answers what then becomes of it. What the store did not give whole is left, whatever the route made
  /// of that. Being cancelled leaves it too.
  private func hand(
    on body: Body, of object: FoundObject, _ answer: Headers, _ reader: ObjectReader, _ attempts: Int,
    _ admission: Admission
  ) async throws -> AfterWork {
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
        return options.failed.work
      }
    }
    if let failure = reader.failure { throw failure }
    return options.done.work
  }

  private func settle(_ object: FoundObject, _ work: AfterWork) async throws {
    do throws(Failure) {
      try await settlement.settle(object, work)
      if case .tag = work { memory.settled(object.summary) }
    } catch {
      guard error.kind != .cancelled, !Task.isCancelled else { throw CancellationError() }
      logger.error(
        "an object cannot be moved on, trying again",
        metadata: ["key": "\(object.summary.key)", "failure": "\(error.kind.rawValue)", "reason": "\(error.reason)"])
      memory.owe(object, work)
    }
  }
}
