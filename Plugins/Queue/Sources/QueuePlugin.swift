public import Omnibus
internal import OmnibusStore

extension Plugin {
  /// Durable queues within the engine.
  public static let queue = Plugin(
    name: "queue", version: "0.1.0",
    components: [
      .source("queue", "Takes the messages of a queue, and tries again those that fail.", QueueSourceOptions.self) {
        options, context in QueueSource(options, try context.neededStore(), context)
      },
      .destination(
        "queue", "Appends the message to a queue, where it outlives the engine.", QueueDestinationOptions.self,
        answers: false
      ) { options, context in QueueDestination(options, try context.neededStore(), context) },
    ])
}
