internal import Omnibus

extension AMQPConnection {
  /// Makes what is not there. What is there and is otherwise is a failure of kind `rejected`.
  func make(_ topology: TopologyOptions) throws(Failure) {
    for exchange in topology.exchanges { try declare(exchange: exchange.name, type: exchange.type.rawValue) }
    for queue in topology.queues { try declare(queue: queue.name, arguments: queue.arguments) }
    for binding in topology.bindings {
      let arguments = binding.headers.entries.map { ($0.key, Value.string($0.value)) }
      if let queue = binding.queue {
        try bind(queue: queue, to: binding.exchange, key: binding.routingKey, arguments: arguments)
      } else if let exchange = binding.to {
        try bind(exchange: exchange, to: binding.exchange, key: binding.routingKey, arguments: arguments)
      }
    }
  }
}
