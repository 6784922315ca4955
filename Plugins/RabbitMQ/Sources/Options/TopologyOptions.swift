internal import Omnibus

/// What is made at a broker where it is not there.
struct TopologyOptions: Options {
  @Option(help: "the exchanges", default: "none")
  var exchanges: [ExchangeOptions] = []

  @Option(help: "the queues", default: "none")
  var queues: [QueueOptions] = []

  @Option(help: "which messages of an exchange go to a queue, or to another exchange", default: "none")
  var bindings: [BindingOptions] = []
}

/// An exchange to be made; it outlives the broker's restart.
struct ExchangeOptions: Options {
  enum Kind: String, OptionEnum { case direct, fanout, topic, headers }

  @Option(help: "its name", check: { $0.isEmpty ? "must not be empty" : ShortText.problem($0) })
  var name: String

  @Option(help: "how it routes")
  var type: Kind = .direct
}

/// A queue to be made; it outlives the broker's restart.
struct QueueOptions: Options {
  enum Kind: String, OptionEnum { case quorum, classic }
  /// What becomes of messages for which there is no room, in the broker's words.
  enum Overflow: String, OptionEnum {
    case dropHead = "drop-head"
    case rejectPublish = "reject-publish"
    case rejectPublishDLX = "reject-publish-dlx"
  }

  @Option(help: "its name", check: { $0.isEmpty ? "must not be empty" : ShortText.problem($0) })
  var name: String

  @Option(help: "quorum keeps messages on several nodes and counts how often each was handed out; classic on one")
  var type: Kind = .quorum

  @Option(help: "how long a message stays; then it is dead", default: "for ever", check: { Milliseconds.problem($0) })
  var messageTtl: Duration? = nil

  @Option(help: "how many messages stay", default: "any number")
  var maxLength: Int? = nil

  @Option(
    help:
      "what happens beyond them: the oldest is dead, or the new one is refused, which classic queues can count as dead, too",
    default: "what a policy of the broker says, else the oldest is dead")
  var overflow: Overflow? = nil

  @Option(
    help: "how often a message is handed out again before it is dead; for quorum queues", default: "any number")
  var deliveryLimit: Int? = nil

  @Option(help: "where dead messages go", default: "nowhere, they are lost")
  var deadLetter: DeadLetterOptions? = nil

  @Option(help: "one consumer at a time gets messages, so that their order is kept")
  var singleActiveConsumer: Bool = false

  func validate(_ node: Node, in scope: LoadScope) {
    for (name, value) in [("max_length", maxLength), ("delivery_limit", deliveryLimit)] {
      guard let value, value < 1 else { continue }
      scope.report(
        "invalid-option", at: node[name]?.location ?? node.location, "\(scope.subject): \(name) is at least 1")
    }
    if type == .classic, let limit = node["delivery_limit"] {
      scope.report(
        "conflicting-options", at: limit.location, "\(scope.subject): delivery_limit has no meaning with type classic",
        help: "leave it out, or write type: quorum")
    }
    // The broker would take it, and drop the oldest.
    if type == .quorum, overflow == .rejectPublishDLX, let overflow = node["overflow"] {
      scope.report(
        "conflicting-options", at: overflow.location,
        "\(scope.subject): overflow reject-publish-dlx has no meaning with type quorum",
        help: "write reject-publish, or type: classic")
    }
  }

  /// The arguments of the declaration (rabbitmq.com, "Queues", "Optional Arguments").
  var arguments: [(String, Value)] {
    var arguments: [(String, Value)] = [("x-queue-type", .string(type.rawValue))]
    if let messageTtl { arguments.append(("x-message-ttl", .int(Milliseconds.of(messageTtl)))) }
    if let maxLength { arguments.append(("x-max-length", .int(Int64(maxLength)))) }
    if let overflow { arguments.append(("x-overflow", .string(overflow.rawValue))) }
    if let deliveryLimit { arguments.append(("x-delivery-limit", .int(Int64(deliveryLimit)))) }
    if let deadLetter {
      arguments.append(("x-dead-letter-exchange", .string(deadLetter.exchange)))
      if let key = deadLetter.routingKey { arguments.append(("x-dead-letter-routing-key", .string(key))) }
    }
    if singleActiveConsumer { arguments.append(("x-single-active-consumer", .bool(true))) }
    return arguments
  }
}

/// Where the dead messages of a queue go.
struct DeadLetterOptions: Options {
  @Option(
    help: "the exchange that gets them", default: "the default one, which knows queues by their names",
    check: ShortText.problem)
  var exchange: String = ""

  @Option(
    help: "the routing key that they get", default: "that which they had", check: { $0.flatMap(ShortText.problem) })
  var routingKey: String? = nil
}

/// A binding to be made.
struct BindingOptions: Options {
  @Option(help: "the queue that gets the messages", default: "none", check: { $0.flatMap(ShortText.problem) })
  var queue: String? = nil

  @Option(
    help: "the exchange that gets the messages, instead of a queue", default: "none",
    check: { $0.flatMap(ShortText.problem) })
  var to: String? = nil

  @Option(
    help: "the exchange that the messages come from",
    check: { $0.isEmpty ? "must not be empty" : ShortText.problem($0) })
  var exchange: String

  @Option(
    help: "the routing key, for topic exchanges with * for a word and # for any number of them",
    check: ShortText.problem)
  var routingKey: String = ""

  @Option(help: "the headers to look for, with an exchange of type headers", default: "none")
  var headers: OptionMap<String> = OptionMap()

  func validate(_ node: Node, in scope: LoadScope) {
    guard (queue == nil) == (to == nil) else { return }
    scope.report(
      queue == nil ? "missing-option" : "conflicting-options", at: node.location,
      "\(scope.subject) takes one of queue and to",
      help: "write { exchange: events, queue: orders, routing_key: \"order.*\" }")
  }
}

/// Durations that the protocol has in whole milliseconds.
enum Milliseconds {
  static func of(_ duration: Duration) -> Int64 {
    let (seconds, attoseconds) = duration.components
    return seconds.multipliedReportingOverflow(by: 1000).partialValue &+ attoseconds / 1_000_000_000_000_000
  }

  static func problem(_ duration: Duration?) -> String? {
    guard let duration else { return nil }
    return (.zero ... .seconds(4_000_000)).contains(duration) ? nil : "is between 0 and 4000000s"
  }
}
