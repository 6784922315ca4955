internal import Omnibus

/// What all that talks to a broker is told of it; a `connection` can hold it for many.
protocol BrokerOptions: Options {
  var url: BrokerAddresses { get }
  var vhost: String { get }
  var login: BrokerLogin { get }
  var tls: ClientTLSOptions { get }
  var heartbeat: Duration { get }
  var connectTimeout: Duration { get }
  var declare: TopologyOptions { get }
}

extension BrokerOptions {
  /// The broker, to which the connection is known by the place that it serves.
  func broker(_ context: Context) -> Broker {
    Broker(
      addresses: url.all, vhost: vhost, user: login.user, password: login.password,
      tls: tls.configuration(in: context.directory), heartbeat: Int32(heartbeat.components.seconds),
      connectTimeout: connectTimeout, name: "omnibus \(context.place)")
  }

  /// What is wrong with a name of the protocol: a short string (AMQP 0-9-1, 4.2.5.3).
  static var nameProblem: @Sendable (String) -> String? { { ShortText.problem($0) } }
}

/// The help of the options that all share.
enum BrokerHelp {
  static let url =
    "where the broker listens, amqp or with TLS amqps; of several the next is tried where one is not there"
  static let vhost = "the virtual host"
  static let login = "who to log in as"
  static let tls = "whom to trust with amqps, and which certificate to show"
  static let heartbeat = "how long the other side may be silent before it counts as gone; the broker may ask for less"
  static let connectTimeout = "how long it may take until a connection stands"
  static let declare = "the exchanges, queues and bindings to make where they are not there"
}

/// Texts that the protocol holds in at most 255 bytes.
enum ShortText {
  static func problem(_ text: String) -> String? {
    if text.utf8.count > 255 { return "has more than 255 bytes" }
    return text.utf8.contains(0) ? "holds a zero byte" : nil
  }
}
