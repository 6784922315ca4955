internal import Omnibus

/// How a destination publishes.
struct PublishSettings: Sendable {
  let broker: Broker
  let topology: TopologyOptions
  let exchange: String
  /// Whether a message that goes to no queue comes back.
  let isMandatory: Bool
  /// How many messages may be sent and not confirmed.
  let window: Int
  /// How long a message waits for its end.
  let timeout: Duration
  /// The largest reply; nil where none is waited for.
  let maxReply: Int?
}
