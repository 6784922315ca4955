public import Omnibus
internal import OmnibusStore

extension Plugin {
  /// Middleware that keeps what failed and knows what was done before.
  public static let delivery = Plugin(
    name: "delivery", version: "0.1.0",
    components: [
      .middleware(
        "dead_letter", "Keeps a message that fails, as it came in, until somebody replays or drops it.",
        DeadLetterOptions.self
      ) { options, context in
        let place: DeadLettering.Place =
          if let destination = options.to { .destination(destination.step) } else { .store(try context.neededStore()) }
        return DeadLettering(kinds: options.on, place: place)
      },
      .middleware(
        "idempotent", "Does the work of a message once, however often the message comes, by a key of the message.",
        IdempotentOptions.self
      ) { options, context in Idempotent(options, try context.neededStore()) },
    ])
}
