internal import Omnibus

/// What all that talks to a broker is told of it; a `connection` can hold it for many.
struct BrokerOptions: Options {
  @Option(help: "where the broker listens, amqp or with TLS amqps; of several the next is tried where one is not there")
  var url: BrokerAddresses

  @Option(help: "the virtual host", check: ShortText.problem)
  var vhost: String = "/"

  @Option(help: "who to log in as")
  var login: BrokerLogin

  @Option(help: "whom to trust with amqps, and which certificate to show", default: .code("{}"))
  var tls: ClientTLSOptions = ClientTLSOptions()

  @Option(
    help: "how long the other side may be silent before it counts as gone; the broker may ask for less",
    range: .seconds(0) ... .seconds(3600))
  var heartbeat: Duration = .seconds(30)

  @Option(help: "how long it may take until a connection stands", range: .milliseconds(10) ... .seconds(3600))
  var connectTimeout: Duration = .seconds(10)

  @Option(
    help: "the exchanges, queues and bindings to make where they are not there",
    default: "nothing, what is used must be there")
  var declare: TopologyOptions = TopologyOptions()

  /// The broker, to which the connection is known by the place that it serves.
  func broker(_ context: Context) -> Broker {
    Broker(
      addresses: url.all, vhost: vhost, user: login.user, password: login.password,
      tls: tls.configuration(in: context.directory), heartbeat: Int32(heartbeat.components.seconds),
      connectTimeout: connectTimeout, name: "omnibus \(context.place)")
  }
}

/// Texts that the protocol holds in at most 255 bytes (AMQP 0-9-1, 4.2.5.3).
enum ShortText {
  static func problem(_ text: String) -> String? {
    if text.utf8.count > 255 { return "has more than 255 bytes" }
    return text.utf8.contains(0) ? "holds a zero byte" : nil
  }
}
