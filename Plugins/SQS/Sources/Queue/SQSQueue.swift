internal import Logging
internal import Omnibus
internal import OmnibusAWS
internal import Synchronization

/// A queue by its name or address, found when it is first needed, and made where that was asked for and it is not there.
final class SQSQueue: Sendable {
  let name: String
  let client: SQSClient
  private let creation: QueueCreation?
  private let known = Mutex<String?>(nil)

  init(_ name: String, _ client: SQSClient, creation: QueueCreation?) {
    self.name = name
    self.client = client
    self.creation = creation
    if name.contains("://") { known.withLock { $0 = name } }
  }

  /// Whether it keeps the order of messages (FIFO).
  var isOrdered: Bool { name.hasSuffix(".fifo") }

  /// The name without the address in front.
  var shortName: String { name.split(separator: "/").last.map(String.init) ?? name }

  /// The address that actions take for the queue.
  func url(_ context: Context) async throws(Failure) -> String {
    if let url = known.withLock({ $0 }) { return url }
    let url = try await find(context)
    known.withLock { $0 = url }
    return url
  }

  /// Forgets where a queue is that is not there any more. Answers whether it may be found, or made, anew.
  func forget(after failure: Failure) {
    guard failure.isOfMissingQueue, !name.contains("://") else { return }
    known.withLock { $0 = nil }
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

  /// Makes the queue, with the dead-letter queue that its messages end in.
  private func make(_ creation: QueueCreation, _ context: Context) async throws(Failure) -> String {
    let letters = creation.deadLetterQueue ?? QueueName.deadLetters(of: name)
    let lettersURL: String
    do throws(Failure) {
      lettersURL = try await lookUp(letters, context)
    } catch {
      guard error.isOfMissingQueue else { throw error }
      lettersURL = try await create(letters, creation.attributesOfDeadLetters, context)
    }
    let arn = try await attributes(["QueueArn"], of: lettersURL, context)["QueueArn"] ?? ""
    let url = try await create(name, creation.attributes(deadLetters: arn), context)
    context.logger.notice("a queue was made", metadata: ["queue": "\(name)", "dead_letter_queue": "\(letters)"])
    return url
  }

  private func create(
    _ name: String, _ attributes: [(String, Value)], _ context: Context
  ) async throws(Failure) -> String {
    let all = attributes + (name.hasSuffix(".fifo") ? [("FifoQueue", "true")] : [])
    let parameters: [(String, Value)] = [("QueueName", .string(name)), ("Attributes", .map(ValueMap(all)))]
    return try Self.url(try await client.call("CreateQueue", parameters, context))
  }

  /// Attributes of a queue, by their names.
  func attributes(
    _ names: [String], of url: String, _ context: Context
  ) async throws(Failure) -> [String: String] {
    let parameters: [(String, Value)] = [
      ("QueueUrl", .string(url)), ("AttributeNames", .list(names.map(Value.string))),
    ]
    let answer = try await client.call("GetQueueAttributes", parameters, context)
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
  /// Whether the queue is not there.
  var isOfMissingQueue: Bool {
    guard let error = cause as? AWSServiceError else { return false }
    return error.code == "QueueDoesNotExist" || error.code == "AWS.SimpleQueueService.NonExistentQueue"
  }
}
