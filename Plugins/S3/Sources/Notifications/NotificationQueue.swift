internal import Omnibus
internal import OmnibusAWS
internal import OmnibusHTTP
internal import Synchronization

/// The queue of SQS that events of a bucket go to (Amazon SQS API Reference; AWS JSON 1.0).
final class NotificationQueue: Sendable {
  /// A message of the queue.
  struct Entry: Sendable {
    /// Names this receiving of it.
    var receipt: String
    var body: String
  }

  /// Where the queue is, and how long a message is hidden from others.
  private struct Terms {
    var url: String
    var visibility: Int
  }

  /// Ten messages of a mebibyte each, and what is said of them.
  private static let maxAnswer = 12 << 20

  let name: String
  private let client: AWSClient
  private let timeout: Duration
  private let terms = Mutex<Terms?>(nil)

  init(_ name: String, _ options: AWSOptions, timeout: Duration, _ context: Context) throws(OptionProblem) {
    self.name = name
    self.timeout = timeout
    client = try AWSClient(options, service: "sqs", context)
  }

  /// How long a message is hidden, in seconds. Finds the queue.
  func visibility(_ context: Context) async throws(Failure) -> Int { try await found(context).visibility }

  /// Up to `count` messages, for which it waits.
  func receive(_ count: Int, wait: Duration, _ context: Context) async throws(Failure) -> [Entry] {
    let answer = try await call(
      "ReceiveMessage",
      [
        ("QueueUrl", .string(try await found(context).url)), ("MaxNumberOfMessages", .int(Int64(count))),
        ("WaitTimeSeconds", .int(wait.components.seconds)),
      ], extra: wait, context)
    var entries: [Entry] = []
    answer.member("Messages")?.forEachElement { node in
      guard let receipt = node.member("ReceiptHandle")?.string, let body = node.member("Body")?.string else { return }
      entries.append(Entry(receipt: receipt, body: body))
    }
    return entries
  }

  /// Removes a message that was worked on.
  func delete(_ entry: Entry, _ context: Context) async throws(Failure) {
    let url = try await found(context).url
    _ = try await call(
      "DeleteMessage", [("QueueUrl", .string(url)), ("ReceiptHandle", .string(entry.receipt))], context)
  }

  /// Hides a message for `seconds` from now on; with 0 it comes again at once.
  func hide(_ entry: Entry, seconds: Int, _ context: Context) async throws(Failure) {
    let url = try await found(context).url
    _ = try await call(
      "ChangeMessageVisibility",
      [
        ("QueueUrl", .string(url)), ("ReceiptHandle", .string(entry.receipt)),
        ("VisibilityTimeout", .int(Int64(seconds))),
      ], context)
  }

  private func found(_ context: Context) async throws(Failure) -> Terms {
    if let terms = terms.withLock({ $0 }) { return terms }
    var url = name
    if !name.contains("://") {
      let answer = try await call("GetQueueUrl", [("QueueName", .string(name))], context)
      guard let given = answer.member("QueueUrl")?.string else {
        throw Failure(.unavailable, "sqs answered without the address of the queue")
      }
      url = given
    }
    let answer = try await call(
      "GetQueueAttributes",
      [("QueueUrl", .string(url)), ("AttributeNames", .list([.string("VisibilityTimeout")]))], context)
    let said = answer.member("Attributes")?.member("VisibilityTimeout")?.string.flatMap { Int($0) }
    let found = Terms(url: url, visibility: min(max(said ?? 30, 1), 43_200))
    terms.withLock { $0 = found }
    return found
  }

  /// Calls an action, of which none does harm when it is done twice.
  private func call(
    _ action: String, _ parameters: [(String, Value)], extra: Duration = .zero, _ context: Context
  ) async throws(Failure) -> JSONNode {
    let body = try Value.map(ValueMap(parameters)).jsonBytes()
    let request = AWSRequest(
      endpoint: client.endpoint,
      headers: ["content-type": "application/x-amz-json-1.0", "x-amz-target": "AmazonSQS.\(action)"])
    var call = client.prototype
    call.timeout = timeout + extra
    call.maxResponse = Self.maxAnswer
    let response: HTTPClientResponse
    do throws(Failure) {
      response = try await client.send(request, as: call, payload: .bytes(body), context) { _ in .bytes(body) }
    } catch {
      guard error.kind == .outcomeUnknown else { throw error }
      throw Failure(.unavailable, error.reason, cause: error.cause)
    }
    var bytes = Array("{}".utf8)
    if case .bytes(let answer) = response.body { bytes = answer }
    guard let root = try? JSONText.parse(bytes, limits: JSONLimits(depth: 32)).root, root.kind == .object else {
      throw Failure(.unavailable, "sqs answered what is no JSON object")
    }
    return root
  }
}
