public import Omnibus

extension Plugin {
  /// Durable queues within the engine.
  public static let queue = Plugin(name: "queue", version: "0.1.0", components: [])
}
