internal import Logging
public import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// What a source does with its queue: receives, deletes, hides, and keeps hidden what is worked on.
///
/// A message is held from when it is received until it was deleted or given back, and is kept hidden from others as long as
/// `beat` runs. One that SQS hands out twice is held, and handed on, once.
public final class SQSReader: Sendable {
  /// The largest answer for one message: 1 MiB of text, each character escaped, and its attributes.
  private static let largestMessage = 7 << 20
  /// How long a call may take that gives messages back while all ends.
  private static let shortTimeout = Duration.seconds(3)
  /// How long a call may take at the most that keeps messages hidden.
  private static let longestHiding = Duration.seconds(10)
  /// How often it is tried to delete a message, a second between two times.
  private static let deletionAttempts = 10
  /// What SQS answers of a message that somebody else may have by now.
  private static let lost: Set<String> = [
    "InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidReceiptHandle",
    "AWS.SimpleQueueService.MessageNotInflight",
  ]

  /// What a batch of changes of visibility holds.
  private struct Hiding: Sendable {
    var receipt: String
    var seconds: Int64
  }

  /// What came of an answer.
  private struct Received {
    var messages: [SQSMessage] = []
    var problems: Set<String> = []
    /// Groups with a message that comes again, and must not be overtaken.
    var passed: Set<String> = []
    /// Messages of these, by what names them.
    var behind: [String] = []

    mutating func pass(_ group: String?) { if let group { passed.insert(group) } }
  }

  private let queue: SQSQueue
  private let context: Context
  private let held = HeldMessages()
  private let failed = FailedGroups()
  private let deletions: Batcher<String, JSONNode>
  private let hidings: Batcher<Hiding, JSONNode>

  /// A reader of `queue`, of whose messages up to `concurrency` are worked on at once.
  public init(_ queue: SQSQueue, concurrency: Int, _ context: Context) {
    self.queue = queue
    self.context = context
    let bounds = Batcher<String, JSONNode>.Bounds(flights: max(1, min(8, concurrency / 10)))
    deletions = Batcher(bounds, context) { receipts in
      await queue.change("DeleteMessageBatch", receipts.map { [("ReceiptHandle", .string($0))] }, context)
    }
    hidings = Batcher(Batcher<Hiding, JSONNode>.Bounds(flights: 4), context) { hidings in
      let entries = hidings.map { hiding -> [(String, Value)] in
        [("ReceiptHandle", .string(hiding.receipt)), ("VisibilityTimeout", .int(hiding.seconds))]
      }
      // One call that hangs must not keep the others from being in time.
      let limit = min(max((queue.knownVisibility ?? .seconds(4)) / 4, .seconds(1)), Self.longestHiding)
      return await queue.change("ChangeMessageVisibilityBatch", entries, context, .init(timeout: limit))
    }
  }

  /// How many messages to ask for at once with a call that waits as long as `wait`: ten, or one where a message may come that
  /// failed before, as others of its group would be counted with it.
  public func most(within wait: Duration) -> Int {
    let now = context.clock.now
    return failed.mayCome(now, until: now &+ wait.nanosecondsClamped) ? 1 : 10
  }

  /// Receives up to `count` messages, and waits for the first as long as `wait`. They are held from now on. Of a group no
  /// message is handed on behind one that is not.
  public func receive(_ count: Int, wait: Duration) async throws(Failure) -> [SQSMessage] {
    let visibility = try await queue.visibility(context)
    let parameters: [(String, Value)] = [
      ("QueueUrl", .string(try await queue.url(context))), ("MaxNumberOfMessages", .int(Int64(count))),
      ("WaitTimeSeconds", .int(wait.components.seconds)), ("VisibilityTimeout", .int(visibility.components.seconds)),
      ("AttributeNames", .list([.string("All")])), ("MessageAttributeNames", .list([.string("All")])),
    ]
    let terms = SQSClient.Terms(wait: wait, limit: count * Self.largestMessage)
    let answer: JSONNode
    do throws(Failure) {
      answer = try await queue.client.call("ReceiveMessage", parameters, context, terms)
    } catch {
      queue.forget(after: error)
      throw error
    }
    var received = Received()
    answer.member("Messages")?.forEachElement { take($0, count, visibility, &received) }
    for problem in received.problems {
      context.logger.warning("\(problem)", metadata: ["queue": "\(queue.shortName)"])
    }
    if !received.behind.isEmpty { await bringToLight(received.behind) }
    return received.messages
  }

  /// Takes a message of an answer, or leaves it until it comes again.
  private func take(_ node: JSONNode, _ count: Int, _ visibility: Duration, _ received: inout Received) {
    let (now, group) = (context.clock.now, SQSMessage.group(node))
    guard received.messages.count < count, let parts = SQSMessage.Parts(node) else {
      received.problems.insert("sqs answered what is no message")
      received.pass(group)
      return
    }
    if let group, received.passed.contains(group) {
      received.behind.append(parts.receipt)
      return
    }
    guard parts.isWhole else {
      received.problems.insert("a message of the queue is not the one whose digest sqs told, and comes again")
      received.pass(group)
      let end = now &+ visibility.nanosecondsClamped
      if let group { failed.add(group, from: end, until: end) }
      return
    }
    guard let number = held.add(parts.id, parts.receipt, now: now, for: visibility) else {
      // It is worked on, and what comes behind it must wait.
      received.pass(group)
      return
    }
    if let group { failed.remove(group) }
    received.messages.append(SQSMessage(parts, number: number))
  }

  /// Deletes a message that was worked on. While that fails for a time, it is tried again, and the message stays hidden:
  /// what is done is not done again. Whether it is deleted.
  public func delete(_ message: HeldMessage) async -> Bool {
    let isDeleted = await isDeleted(message)
    let released = held.remove(message.number)
    if !isDeleted, let group = message.group {
      let now = context.clock.now
      failed.add(group, from: now, until: max(released?.hiddenUntil ?? now, now))
    }
    return isDeleted
  }

  private func isDeleted(_ message: HeldMessage) async -> Bool {
    for attempt in 1...Self.deletionAttempts {
      guard let receipt = held.receipt(of: message.number) else { return false }
      let outcome = await Uncancelled.run { [deletions] () -> Result<JSONNode, Failure> in
        do throws(Failure) { return .success(try await deletions.submit(receipt)) } catch { return .failure(error) }
      }
      switch outcome {
      case .success: return true
      case .failure(let error):
        let mayPass = error.isTransient && attempt < Self.deletionAttempts && !Task.isCancelled
        if mayPass, (try? await context.clock.sleep(for: .seconds(1))) != nil { continue }
        report("a message that was worked on is not deleted, and comes again", message, error)
        return false
      }
    }
    return false
  }

  /// Lets a message that failed come again after `wait`, or when its time is over where it is nil. It is never hidden for
  /// longer than SQS allows, twelve hours in all.
  public func giveBack(_ message: HeldMessage, after wait: Duration?) async {
    guard let released = held.remove(message.number) else { return }
    let now = context.clock.now
    let limit = released.limit > now ? (released.limit - now) / 1_000_000_000 : 0
    let seconds = wait.map { min(UInt64(max($0.components.seconds, 0)), limit) }
    if let group = message.group {
      let end = seconds.map { now &+ $0 * 1_000_000_000 } ?? released.hiddenUntil
      failed.add(group, from: min(end, released.hiddenUntil), until: max(end, released.hiddenUntil, now))
    }
    guard let seconds else { return }
    let hiding = Hiding(receipt: released.receipt, seconds: Int64(seconds))
    do throws(Failure) {
      _ = try await hidings.submit(hiding)
    } catch {
      report("a message that was given back stays hidden until its time is over", message, error)
    }
  }

  /// Gives messages back at once that nobody worked on. For when all ends: it takes no longer than a few seconds, and goes
  /// on when the task is cancelled.
  public func giveBackAll(_ messages: [HeldMessage]) async {
    await bringToLight(messages.compactMap { held.remove($0.number)?.receipt })
  }

  private func bringToLight(_ receipts: [String]) async {
    let (queue, context) = (queue, context)
    await Uncancelled.run {
      for start in stride(from: 0, to: receipts.count, by: 10) {
        let entries = receipts[start..<min(start + 10, receipts.count)].map { receipt -> [(String, Value)] in
          [("ReceiptHandle", .string(receipt)), ("VisibilityTimeout", .int(0))]
        }
        _ = await queue.change("ChangeMessageVisibilityBatch", entries, context, .init(timeout: Self.shortTimeout))
      }
    }
  }

  /// Keeps the messages hidden that are held, until the task is cancelled: each is hidden anew when a half of its time is
  /// over. Five eighths of it are over at the latest when a call begins, which may hang for a quarter: where it fails, the
  /// next one comes soon enough.
  public func beat() async {
    var hasFailed = false
    while true {
      let former = queue.knownVisibility ?? .seconds(4)
      // Looked at often, too, where the time is long: it may become shorter.
      let pause = min(max(former / (hasFailed ? 16 : 8), .milliseconds(250)), .seconds(5))
      guard (try? await context.clock.sleep(for: pause)) != nil else { return }
      let due = held.ending(queue.knownVisibility ?? former, now: context.clock.now)
      hasFailed = await withTaskGroup(of: Bool.self) { group in
        for ending in due { group.addTask { await self.extend(ending) } }
        return await group.contains(false)
      }
    }
  }

  /// Whether it may be left until it is due again.
  private func extend(_ ending: HeldMessages.Ending) async -> Bool {
    let now = context.clock.now
    do throws(Failure) {
      _ = try await hidings.submit(Hiding(receipt: ending.receipt, seconds: ending.seconds))
      held.extend(ending, until: now &+ UInt64(ending.seconds) * 1_000_000_000)
      return true
    } catch {
      guard let service = error.cause as? AWSServiceError, Self.lost.contains(service.code) else {
        if error.kind != .cancelled { report("messages could not be kept hidden", nil, error) }
        return false
      }
      // One that was done with meanwhile is no loss.
      if held.lose(ending) { report("a message can come again while it is worked on", nil, error) }
      return true
    }
  }

  private func report(_ text: Logger.Message, _ message: HeldMessage?, _ failure: Failure) {
    var fields: Logger.Metadata = [
      "queue": "\(queue.shortName)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.loggedReason)",
    ]
    if let message { fields["sqs_message_id"] = "\(message.id)" }
    context.logger.warning(text, metadata: fields)
  }
}
