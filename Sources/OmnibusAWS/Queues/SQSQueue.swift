internal import Logging
public import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// A queue by its name or address, found when it is first needed, and made where that was asked for and it is not there.
public final class SQSQueue: Sendable {
  /// How long the queue's attributes are believed: nanoseconds.
  private static let attributesLifetime: UInt64 = 300_000_000_000
  /// How long messages are hidden of a queue that says it does not hide them at all: they would come again while they are on
  /// their way here. What queues do that say nothing.
  private static let leastVisibility = 30

  /// What SQS answers of a queue that is there with other attributes.
  private static let existing: Set<String> = ["QueueAlreadyExists", "QueueNameExists"]

  private struct State {
    var url: String?
    var visibility: Duration?
    var isStale: UInt64 = 0
  }

  /// The name or address, as it is written.
  public let name: String
  /// What speaks to the service.
  public let client: SQSClient
  private let creation: QueueCreation.Terms?
  private let state: Mutex<State>

  /// The queue `name`, which is made as `creation` says where it is not there; nil for never.
  public init(_ name: String, _ client: SQSClient, creation: QueueCreation.Terms? = nil) {
    self.name = name
    self.client = client
    self.creation = creation
    state = Mutex(State(url: name.contains("://") ? name : nil))
  }

  /// Whether it keeps the order of messages (FIFO).
  public var isOrdered: Bool { name.hasSuffix(".fifo") }

  /// The name without the address in front.
  public var shortName: String { name.split(separator: "/").last.map(String.init) ?? name }

  /// The address that actions take for the queue.
  public func url(_ context: Context) async throws(Failure) -> String {
    if let url = state.withLock({ $0.url }) { return url }
    let url = try await find(context)
    state.withLock { $0.url = url }
    return url
  }

  /// How long the queue hides a message that was received. The attribute is looked at again every five minutes.
  public func visibility(_ context: Context) async throws(Failure) -> Duration {
    let now = context.clock.now
    let known = state.withLock { now < $0.isStale ? $0.visibility : nil }
    if let known { return known }
    let text = try await attributes(["VisibilityTimeout"], of: try await url(context), context)["VisibilityTimeout"]
    guard let text, let seconds = Int(text), 0...43_200 ~= seconds else {
      throw Failure(.unavailable, "sqs answered no visibility timeout of the queue")
    }
    let visibility = Duration.seconds(seconds == 0 ? Self.leastVisibility : seconds)
    state.withLock { state in
      state.visibility = visibility
      state.isStale = now &+ Self.attributesLifetime
    }
    return visibility
  }

  /// What `visibility` answered last; nil where it has not yet.
  var knownVisibility: Duration? { state.withLock { $0.visibility } }

  /// Forgets where a queue is that is not there any more, so that it is found, or made, anew.
  public func forget(after failure: Failure) {
    guard failure.isOfMissingQueue else { return }
    state.withLock { state in
      state.isStale = 0
      if !name.contains("://") { state.url = nil }
    }
  }

  /// Calls an action for several entries, which get their places as ids, and answers the outcome of each.
  public func change(
    _ action: String, _ entries: [[(String, Value)]], _ context: Context, _ terms: SQSClient.Terms = SQSClient.Terms()
  ) async -> [Result<JSONNode, Failure>] {
    do throws(Failure) {
      let list = entries.enumerated().map { place, entry in
        Value.map(ValueMap([("Id", .string("\(place)"))] + entry))
      }
      let parameters: [(String, Value)] = [("QueueUrl", .string(try await url(context))), ("Entries", .list(list))]
      let answer = try await client.call(action, parameters, context, terms)
      return BatchAnswer.outcomes(answer, count: entries.count)
    } catch {
      forget(after: error)
      return entries.map { _ in .failure(error) }
    }
  }

  private func find(_ context: Context) async throws(Failure) -> String {
    do throws(Failure) {
      return try await lookUp(name, context)
    } catch {
      guard let creation, error.isOfMissingQueue else { throw error }
      return try await make(creation, context)
    }
  }

  private func lookUp(_ name: String, _ context: Context) async throws(Failure) -> String {
    let answer = try await client.call("GetQueueUrl", [("QueueName", .string(name))], context)
    return try Self.url(answer)
  }

  /// Makes the queue, with the dead-letter queue that its messages end in where there is one.
  private func make(_ creation: QueueCreation.Terms, _ context: Context) async throws(Failure) -> String {
    var arn: String?
    if let letters = creation.deadLetterQueue {
      let lettersURL: String
      do throws(Failure) {
        lettersURL = try await lookUp(letters, context)
      } catch {
        guard error.isOfMissingQueue else { throw error }
        lettersURL = try await create(letters, creation.options.attributesOfDeadLetters, context)
      }
      arn = try await attributes(["QueueArn"], of: lettersURL, context)["QueueArn"]
      guard arn?.isEmpty == false else { throw Failure(.rejected, "sqs named no arn of the queue for dead letters") }
    }
    let url = try await create(name, creation.options.attributes(deadLetters: arn), context)
    var fields: Logger.Metadata = ["queue": "\(name)"]
    if let letters = creation.deadLetterQueue { fields["dead_letter_queue"] = "\(letters)" }
    context.logger.notice("a queue was made", metadata: fields)
    return url
  }

  private func create(
    _ name: String, _ attributes: [(String, Value)], _ context: Context
  ) async throws(Failure) -> String {
    let all = attributes + (name.hasSuffix(".fifo") ? [("FifoQueue", "true")] : [])
    let parameters: [(String, Value)] = [("QueueName", .string(name)), ("Attributes", .map(ValueMap(all)))]
    do throws(Failure) {
      return try Self.url(try await client.call("CreateQueue", parameters, context))
    } catch {
      // Somebody else has just made it, with attributes of his own.
      guard let code = (error.cause as? AWSServiceError)?.code, Self.existing.contains(code) else { throw error }
      return try await lookUp(name, context)
    }
  }

  /// Attributes of a queue, by their names.
  private func attributes(
    _ names: [String], of url: String, _ context: Context
  ) async throws(Failure) -> [String: String] {
    let parameters: [(String, Value)] = [
      ("QueueUrl", .string(url)), ("AttributeNames", .list(names.map(Value.string))),
    ]
    let answer: JSONNode
    do throws(Failure) { answer = try await client.call("GetQueueAttributes", parameters, context) } catch {
      forget(after: error)
      throw error
    }
    var attributes: [String: String] = [:]
    answer.member("Attributes")?.forEachMember { name, value in attributes[name] = value.string }
    return attributes
  }

  private static func url(_ answer: JSONNode) throws(Failure) -> String {
    guard let url = answer.member("QueueUrl")?.string, url.utf8.count <= 2048 else {
      throw Failure(.unavailable, "sqs answered no address of the queue")
    }
    return url
  }
}

extension Failure {
  /// Whether SQS said that the queue is not there.
  public var isOfMissingQueue: Bool {
    guard let error = cause as? AWSServiceError else { return false }
    return error.code == "QueueDoesNotExist" || error.code == "AWS.SimpleQueueService.NonExistentQueue"
  }
}
