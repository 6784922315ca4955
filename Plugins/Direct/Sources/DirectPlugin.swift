public import Omnibus

extension Plugin {
  /// Lets a route call another one of the same process, in memory.
  public static let direct: Plugin = {
    let directory = DirectRoutes()
    return Plugin(
      name: "direct", version: "0.1.0",
      components: [
        .source("direct", "Takes the messages that other routes send to a name.", DirectOptions.self) { options, _ in
          DirectSource(name: options.name, routes: directory)
        },
        .destination(
          "direct", "Sends the message to the route of a name, and takes its reply.", DirectOptions.self, answers: true
        ) { options, _ in DirectDestination(name: options.name, routes: directory) },
      ])
  }()
}

/// The options of `direct`, on both sides.
struct DirectOptions: Options {
  @Option(
    help: "the name that the two routes have agreed on",
    check: { $0.isEmpty ? "must not be empty" : nil })
  var name: String
}
