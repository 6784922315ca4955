internal import Omnibus

/// The options of `dead_letter`.
struct DeadLetterOptions: Options {
  @Option(
    help: "the kinds of failures whose messages are kept; others go on to the source", default: "all of them",
    check: {
      guard let kinds = $0 else { return nil }
      if kinds.isEmpty { return "must name a kind" }
      return kinds.contains(.cancelled) ? "cannot hold cancelled, after which a message comes again" : nil
    })
  var on: [Failure.Kind]? = nil

  @Option(
    help: "where to send the message instead, with headers dead-letter-… that say why", default: "the engine's store")
  var to: Destination? = nil
}
