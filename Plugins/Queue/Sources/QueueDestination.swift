internal import Omnibus
internal import OmnibusExpression
internal import OmnibusStore

/// Appends messages to a queue. A message that comes again from a source that names its deliveries, as a queue does, is
/// appended once by each step.
struct QueueDestination: Step {
  private let options: QueueDestinationOptions
  private let access: StoreAccess
  private let appended: Counter
  private let gauges: QueueGauges

  init(_ options: QueueDestinationOptions, _ access: StoreAccess, _ context: Context) {
    self.options = options
    self.access = access
    appended = context.metrics.counter(
      "omnibus_queue_appended_total", "Messages that were appended to a queue.", [("queue", options.name)])
    gauges = QueueGauges(options.name, access, context)
  }

  func process(_ message: inout Message, _ context: Context) async throws -> Next {
    if case .stream(let stream) = message.body {
      // Who comes after this step reads the body, too.
      message.body = .bytes(try await stream.collect(limit: options.maxBody.bytes))
    }
    try await access.store.append(entry(of: message, context), to: options.name)
    appended.add()
    gauges.note()
    return .next
  }

  /// What is appended of a message. Its own function, so that its variables lie on the thread's stack, and not in the memory
  /// that the task keeps while it waits.
  @inline(never)
  private func entry(of message: Message, _ context: Context) throws -> QueueEntry {
    let (key, delay) = try orderAndDelay(message, context)
    var kept = Message(id: message.id, headers: message.headers, body: message.body)
    // Who takes it from the queue goes on within this step's span.
    message.trace?.write(to: &kept.headers)
    if case .empty = kept.body {} else { kept.body = .bytes(try message.bodyBytes()) }
    guard kept.body.size <= options.maxBody.bytes else {
      throw Failure(.invalid, "the body is larger than \(options.maxBody.bytes) bytes")
    }
    let effect = message.delivery?.key.map {
      QueueEntry.Effect(delivery: $0, name: "\(message.id) \(context.route) \(context.step) \(options.name)")
    }
    return QueueEntry(kept, orderKey: key, delay: delay, effect: effect)
  }

  private func orderAndDelay(_ message: Message, _ context: Context) throws(Failure) -> (key: String?, delay: Duration)
  {
    guard options.orderBy != nil || options.delay != nil else { return (nil, .zero) }
    var message = message
    let key: String? = if let orderBy = options.orderBy { try orderKey(orderBy, &message, context) } else { nil }
    guard let template = options.delay else { return (key, .zero) }
    guard let delay = try template.evaluate(&message, context) else {
      throw Failure(.invalid, "delay is no duration, expected one such as duration(\"10s\") makes")
    }
    return (key, max(delay, .zero))
  }

  /// What the message is kept in order by; none where the expression answers null or an absent value.
  private func orderKey(
    _ expression: Selection, _ message: inout Message, _ context: Context
  ) throws(Failure) -> String? {
    let value = try expression.evaluate(&message, context).resolved
    if case .null = value { return nil }
    guard let key = value.string ?? value.int.map(String.init) else {
      throw Failure(.invalid, "order_by is neither a text nor a whole number")
    }
    return key
  }
}

extension Body {
  /// How many bytes it has, where it is bytes.
  var size: Int { if case .bytes(let bytes) = self { bytes.count } else { 0 } }
}
