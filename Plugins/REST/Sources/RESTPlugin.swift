public import Omnibus

extension Plugin {
  /// Takes HTTP requests, and makes them.
  public static let rest = Plugin(
    name: "rest", version: "0.1.0",
    components: [
      .source(
        "rest", "Takes HTTP requests to a path, and answers each with what the route made of it.",
        RESTSourceOptions.self
      ) { options, context in try RESTSource(options, context) },
      .destination(
        "rest", "Sends the message to a web address, and takes the answer.", RESTDestinationOptions.self, answers: true
      ) { options, context in RESTDestination(options, context) },
    ])
}
