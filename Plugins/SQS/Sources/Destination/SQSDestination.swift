internal import Omnibus
internal import OmnibusAWS
internal import OmnibusCrypto
internal import OmnibusExpression

/// Sends messages to a queue of SQS, those of the same time in one request, and tells each what became of it.
struct SQSDestination: Step {
  private let options: SQSDestinationOptions
  private let queue: SQSQueue
  private let batcher: Batcher<OutgoingMessage, JSONNode>

  init(_ options: SQSDestinationOptions, _ context: Context) throws {
    self.options = options
    let queue = SQSQueue(
      options.queue, try SQSClient(options.aws, timeout: options.timeout, context),
      creation: options.create?.terms(for: options.queue, isSource: false))
    self.queue = queue
    // Two requests at once could overtake each other.
    let bounds = Batcher<OutgoingMessage, JSONNode>.Bounds(
      count: options.batch, bytes: options.batchBytes.bytes, linger: options.linger, flights: queue.isOrdered ? 1 : 8)
    batcher = Batcher(bounds, context) { messages in await Self.send(messages[...], queue, context) }
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let outgoing = try await outgoing(&message, context)
    guard outgoing.size <= options.batchBytes.bytes else {
      throw Failure(.invalid, "the message is larger than \(options.batchBytes) with its attributes")
    }
    _ = try await batcher.submit(outgoing, size: outgoing.size)
    return .next
  }

  private func outgoing(_ message: inout Message, _ context: Context) async throws -> OutgoingMessage {
    let group = try options.group?.evaluate(&message, context) ?? (queue.isOrdered ? context.route : nil)
    if let group { try Self.check(group, "group") }
    var deduplication: String?
    if queue.isOrdered {
      if let template = options.deduplication {
        let text = try template.evaluate(&message, context)
        try Self.check(text, "deduplication")
        deduplication = text
      } else {
        deduplication = Self.deduplication(of: message, context)
      }
    }
    var attributes: [(name: String, value: String)] = []
    for (name, value) in options.attributes.entries {
      let value = try value.evaluate(&message, context)
      // SQS takes no attribute without a value.
      if !value.isEmpty { attributes.append((name, value)) }
    }
    let (bytes, type) = try await Self.body(of: message, limit: options.batchBytes.bytes)
    let (text, attribute) = SQSText.encode(bytes)
    if let attribute { attributes.append(attribute) }
    if let type, !type.isEmpty { Self.add("content-type", type, to: &attributes) }
    if let trace = message.trace {
      var headers = Headers()
      trace.write(to: &headers)
      for (name, value) in headers where !value.isEmpty { Self.add(name, value, to: &attributes) }
    }
    return OutgoingMessage(
      text: text, attributes: attributes, delay: options.delay.components.seconds, group: group,
      deduplication: deduplication)
  }

  /// Adds what the route does not set itself, as long as there is room.
  private static func add(_ name: String, _ value: String, to attributes: inout [(name: String, value: String)]) {
    guard attributes.count < MessageAttributes.most, !attributes.contains(where: { $0.name == name }) else { return }
    attributes.append((name, value))
  }

  private static func body(of message: Message, limit: Int) async throws -> ([UInt8], String?) {
    switch message.body {
    case .empty: return ([], message.contentType)
    case .bytes(let bytes): return (bytes, message.contentType)
    case .document(let document): return (try document.serialize(), message.contentType ?? document.mediaType)
    case .stream(let stream): return (try await stream.collect(limit: limit), message.contentType)
    }
  }

  /// The same for each attempt to send the message, and another for each step, which sends something else; by its digest
  /// where that is longer than SQS takes.
  private static func deduplication(of message: Message, _ context: Context) -> String {
    let bytes = SHA256.digest(Array("\(message.id)/\(context.route)/\(context.step)".utf8))
    return Base64.encode(bytes)
  }

  /// Groups and names of messages have 1 to 128 characters of ASCII that can be seen.
  private static func check(_ text: String, _ what: String) throws(Failure) {
    guard 1...128 ~= text.utf8.count, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw Failure(.invalid, "the \(what) of the message is not 1 to 128 characters of ASCII without spaces")
    }
  }

  /// Sends messages in one request, or in several where the queue finds that too long.
  private static func send(
    _ messages: ArraySlice<OutgoingMessage>, _ queue: SQSQueue, _ context: Context
  ) async -> [Result<JSONNode, Failure>] {
    let outcomes = await queue.change(
      "SendMessageBatch", messages.map(\.entry), context, SQSClient.Terms(isRepeatable: false))
    if messages.count > 1, case .failure(let error)? = outcomes.first,
      (error.cause as? AWSServiceError)?.code.hasSuffix("BatchRequestTooLong") == true
    {
      let middle = messages.startIndex + messages.count / 2
      return await send(messages[..<middle], queue, context) + send(messages[middle...], queue, context)
    }
    return zip(messages, outcomes).map { message, outcome in
      outcome.flatMap { answer in
        let isSame = SQSDigest.matches(message.text, answer.member("MD5OfMessageBody")?.string)
        return isSame ? outcome : .failure(Failure(.outcomeUnknown, "sqs has another message than was sent"))
      }
    }
  }
}
