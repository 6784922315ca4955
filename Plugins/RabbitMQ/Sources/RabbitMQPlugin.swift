public import Omnibus

extension Plugin {
  /// Queues and exchanges of RabbitMQ, over AMQP 0-9-1.
  public static let rabbitMQ = Plugin(name: "rabbitmq", version: "0.1.0", components: [])
}
