internal import Omnibus
internal import OmnibusExpression

/// The options of `to: rabbitmq` and `to: rabbitmq_request`.
struct RabbitMQDestinationOptions: Options {
  /// The broker, which several uses share by a connection.
  let server = BrokerOptions()

  @Option(
    help: "the exchange", default: "the default one, which hands a message to the queue that the routing key names",
    check: ShortText.problem)
  var exchange: String = ""

  @Option(help: "the routing key; with the default exchange the name of the queue")
  var routingKey: TextTemplate = TextTemplate("")

  @Option(
    help:
      "the headers to send beside the trace context, with the types of their values; none of the message's travel by themselves",
    default: "none")
  var headers: OptionMap<Template> = OptionMap()

  @Option(help: "what else is said of the message", default: .code("{}"))
  var properties: PropertyOptions = PropertyOptions()

  @Option(
    help: "how long the message stays in a queue", default: "as long as the queue says",
    check: { Milliseconds.problem($0?.constant) })
  var expiration: DurationTemplate? = nil

  @Option(help: "keep the message when the broker is restarted")
  var persistent: Bool = true

  @Option(help: "fail where the message would go to no queue, as it is lost then")
  var mandatory: Bool = true

  @Option(help: "how many messages may be sent that the broker has not confirmed yet", range: 1...100_000)
  var window: Int = 1000

  @Option(
    help: "how long it may take until the broker has confirmed the message, or the reply has come",
    range: .milliseconds(10) ... .seconds(86_400))
  var timeout: Duration = .seconds(30)

  @Option(help: "the largest body; a larger one is refused as invalid, and a stream is read into memory up to it")
  var maxBody: ByteSize = ByteSize(bytes: 16 << 20)
}

/// The option `properties` of `to: rabbitmq`.
struct PropertyOptions: Options {
  @Option(
    help: "a name for the message that consumers know it by when it comes twice",
    default: "the id of the message, with route and step where that is short enough")
  var messageId: TextTemplate? = nil

  @Option(help: "what the message is an answer to, or belongs to", default: "none")
  var correlationId: TextTemplate? = nil

  @Option(help: "the queue that answers are to go to", default: "none")
  var replyTo: TextTemplate? = nil

  @Option(help: "what the message says", default: "none")
  var type: TextTemplate? = nil

  @Option(help: "how the body is encoded, such as gzip", default: "none")
  var contentEncoding: TextTemplate? = nil

  @Option(help: "a whole number from 0 to 255, for classic queues with priorities", default: "none")
  var priority: TextTemplate? = nil

  @Option(
    help: "when the message was made: a moment, such as ${ now() } or ${ timestamp(headers.timestamp) }, or seconds",
    default: "none")
  var timestamp: Template? = nil

  @Option(help: "the user that the broker checks the sender to be", default: "none")
  var userId: TextTemplate? = nil

  @Option(help: "the program that sends", default: "none")
  var appId: TextTemplate? = nil
}
