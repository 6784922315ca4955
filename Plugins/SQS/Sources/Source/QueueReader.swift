internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import OmnibusReactor
internal import Synchronization

/// What a source does with its queue: receives, deletes, hides, and keeps hidden what is worked on.
final class QueueReader: Sendable {
  /// How long the queue's attributes are believed: nanoseconds.
  private static let attributesLifetime: UInt64 = 300_000_000_000
  /// The largest answer for one message: 1 MiB of text, each character escaped, and its attributes.
  private static let largestMessage = 7 << 20
  /// How long a call may take that gives messages back while all ends.
  private static let shortTimeout = Duration.seconds(3)
  /// What SQS answers of a message that somebody else may have by now.
  private static let lost: Set<String> = [
    "InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid", "InvalidReceiptHandle",
    "AWS.SimpleQueueService.MessageNotInflight",
  ]

  private struct Known {
    var visibility: Duration
    var isStale: UInt64
  }

  /// What a batch of changes of visibility holds.
  private struct Hiding: Sendable {
    var receipt: String
    var seconds: Int64
  }

  let queue: SQSQueue
  private let options: SQSSourceOptions
  private let context: Context
  private let held = HeldMessages()
  private let known = Mutex<Known?>(nil)
  private let deletions: Batcher<String, JSONNode>
  private let hidings: Batcher<Hiding, JSONNode>

  init(_ options: SQSSourceOptions, _ queue: SQSQueue, _ context: Context) {
    self.options = options
    self.queue = queue
    self.context = context
    let bounds = Batcher<String, JSONNode>.Bounds(flights: max(1, min(8, options.concurrency / 10)))
    deletions = Batcher(bounds, context) { receipts in
      await Self.change("DeleteMessageBatch", queue, receipts.map { [("ReceiptHandle", .string($0))] }, context)
    }
    hidings = Batcher(Batcher<Hiding, JSONNode>.Bounds(flights: 4), context) { hidings in
      let entries = hidings.map { hiding -> [(String, Value)] in
        [("ReceiptHandle", .string(hiding.receipt)), ("VisibilityTimeout", .int(hiding.seconds))]
      }
      return await Self.change("ChangeMessageVisibilityBatch", queue, entries, context)
    }
  }

  /// How long the queue hides a message that was received. The attribute is looked at again every five minutes.
  func visibility() async throws(Failure) -> Duration {
    let now = context.clock.now
    if let known = known.withLock({ $0 }), now < known.isStale { return known.visibility }
    let url = try await queue.url(context)
    let text = try await queue.attributes(["VisibilityTimeout"], of: url, context)["VisibilityTimeout"]
    guard let text, let seconds = Int(text), 0...43_200 ~= seconds else {
      throw Failure(.unavailable, "sqs answered no visibility timeout of the queue")
    }
    // With none at all a message would come again while it is on its way here.
    let visibility = Duration.seconds(max(seconds, 1))
    known.withLock { $0 = Known(visibility: visibility, isStale: now &+ Self.attributesLifetime) }
    return visibility
  }

  /// Receives up to `count` messages, and waits for the first as long as `wait`. They are kept hidden from now on.
  func receive(_ count: Int, wait: Duration) async throws(Failure) -> [ReceivedMessage] {
    let visibility = try await visibility()
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
    let now = context.clock.now
    var messages: [ReceivedMessage] = []
    var isMalformed = false
    answer.member("Messages")?.forEachElement { node in
      guard messages.count < count,
        let message = ReceivedMessage(node, number: held.number(), contentType: options.contentType)
      else {
        isMalformed = true
        return
      }
      held.add(message, now: now, for: visibility)
      messages.append(message)
    }
    if isMalformed {
      context.logger.warning("sqs answered what is no message", metadata: ["queue": "\(queue.shortName)"])
    }
    return messages
  }

  /// Deletes a message that was worked on. While that fails for a time, it is tried again, and the message stays hidden:
  /// what is done is not done again. Whether it is deleted.
  func delete(_ message: ReceivedMessage) async -> Bool {
    defer { held.remove(message.number) }
    for attempt in 1...10 {
      let receipt = message.receipt
      let outcome = await Uncancelled.run { [deletions] () -> Result<JSONNode, Failure> in
        do throws(Failure) { return .success(try await deletions.submit(receipt)) } catch { return .failure(error) }
      }
      switch outcome {
      case .success: return true
      case .failure(let error):
        let mayPass = error.isTransient && attempt < 10 && !Task.isCancelled
        if mayPass, (try? await context.clock.sleep(for: .seconds(1))) != nil { continue }
        report("a message that was worked on is not deleted, and comes again", message, error)
        return false
      }
    }
    return false
  }

  /// Lets a message come again after `wait`, or when its time is over where it is nil.
  func giveBack(_ message: ReceivedMessage, after wait: Duration?) async {
    held.remove(message.number)
    guard let wait else { return }
    let hiding = Hiding(receipt: message.receipt, seconds: min(max(wait.components.seconds, 0), 43_200))
    do throws(Failure) {
      _ = try await hidings.submit(hiding)
    } catch {
      report("a message that was given back stays hidden until its time is over", message, error)
    }
  }

  /// Gives messages back at once that nobody worked on. For when all ends: it takes no longer than a few seconds, and goes
  /// on when the task is cancelled.
  func giveBackAll(_ messages: [ReceivedMessage]) async {
    for message in messages { held.remove(message.number) }
    let (queue, context) = (queue, context)
    await Uncancelled.run {
      for start in stride(from: 0, to: messages.count, by: 10) {
        let entries = messages[start..<min(start + 10, messages.count)].map { message -> [(String, Value)] in
          [("ReceiptHandle", .string(message.receipt)), ("VisibilityTimeout", .int(0))]
        }
        _ = await Self.change(
          "ChangeMessageVisibilityBatch", queue, entries, context, timeout: Self.shortTimeout)
      }
    }
  }

  /// Keeps the messages hidden that are worked on, until the task is cancelled: each is hidden anew when a half of its
  /// time is over.
  func beat() async {
    while true {
      let former = known.withLock { $0?.visibility } ?? .seconds(4)
      // Looked at often, too, where the time is long: it may become shorter.
      let pause = min(max(former / 4, .milliseconds(250)), .seconds(5))
      guard (try? await context.clock.sleep(for: pause)) != nil else { return }
      let visibility = known.withLock { $0?.visibility } ?? former
      let now = context.clock.now
      let due = held.ending(before: now &+ visibility.nanosecondsClamped / 2)
      await withDiscardingTaskGroup { group in
        for (number, receipt) in due {
          group.addTask { await self.extend(number, receipt, visibility) }
        }
      }
    }
  }

  private func extend(_ number: Int, _ receipt: String, _ visibility: Duration) async {
    let now = context.clock.now
    do throws(Failure) {
      _ = try await hidings.submit(Hiding(receipt: receipt, seconds: visibility.components.seconds))
      held.extend(number, until: now &+ visibility.nanosecondsClamped)
    } catch {
      guard let service = error.cause as? AWSServiceError, Self.lost.contains(service.code) else {
        if error.kind != .cancelled { report("messages could not be kept hidden", nil, error) }
        return
      }
      // One that was done with meanwhile is no loss.
      if held.remove(number) { report("a message can come again while it is worked on", nil, error) }
    }
  }

  private static func change(
    _ action: String, _ queue: SQSQueue, _ entries: [[(String, Value)]], _ context: Context, timeout: Duration? = nil
  ) async -> [Result<JSONNode, Failure>] {
    do throws(Failure) {
      let list = entries.enumerated().map { place, entry in
        Value.map(ValueMap([("Id", .string("\(place)"))] + entry))
      }
      let parameters: [(String, Value)] = [
        ("QueueUrl", .string(try await queue.url(context))), ("Entries", .list(list)),
      ]
      let answer = try await queue.client.call(action, parameters, context, SQSClient.Terms(timeout: timeout))
      return BatchAnswer.outcomes(answer, count: entries.count)
    } catch {
      return entries.map { _ in .failure(error) }
    }
  }

  private func report(_ text: Logger.Message, _ message: ReceivedMessage?, _ failure: Failure) {
    var fields: Logger.Metadata = [
      "queue": "\(queue.shortName)", "failure": "\(failure.kind.rawValue)", "reason": "\(failure.loggedReason)",
    ]
    if let message { fields["sqs_message_id"] = "\(message.id)" }
    context.logger.warning(text, metadata: fields)
  }
}
