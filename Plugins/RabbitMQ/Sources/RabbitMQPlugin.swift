public import Omnibus

extension Plugin {
  /// Queues and exchanges of RabbitMQ, over AMQP 0-9-1.
  public static let rabbitMQ = Plugin(
    name: "rabbitmq", version: "0.1.0",
    components: [
      .source(
        "rabbitmq", "Takes the messages of a queue, and acknowledges each when the route has ended.",
        RabbitMQSourceOptions.self
      ) { options, context in RabbitMQSource(options, context) },
      .destination(
        "rabbitmq", "Publishes the message, and waits until the broker has confirmed it.",
        RabbitMQDestinationOptions.self, answers: false
      ) { options, context in try RabbitMQDestination(options, context) },
      .destination(
        "rabbitmq_request", "Publishes the message as a request, and takes the reply.",
        RabbitMQDestinationOptions.self, answers: true, connection: "rabbitmq"
      ) { options, context in try RabbitMQRequest(options, context) },
    ])
}
