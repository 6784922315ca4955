internal import ArgumentParser
internal import OmnibusEngine

/// What the command line says over `omnibus.yaml`.
struct OverrideArguments: ParsableArguments {
  @Flag(inversion: .prefixedNo, help: "Take over changed files by themselves; so it is unless given.") var watch: Bool?
  @Option(help: "Threads that messages run on; one for each processor unless given.") var reactors: String?
  @Option(
    help: ArgumentHelp(
      "How long messages under way have to finish when the engine stops, such as 10s; 30s unless given.",
      valueName: "duration"))
  var grace: String?
  @Option(
    help: ArgumentHelp(
      "The folder of queues, dead letters, keys and generations, from that of omnibus.yaml on; data unless given.",
      valueName: "folder"))
  var dataDirectory: String?
  @Option(
    help: "The least level that is logged: trace, debug, info, notice, warning, error, critical; info unless given.")
  var logLevel: String?
  @Option(help: "How to log: text for people, json for machines; text on a terminal unless given.")
  var logFormat: String?

  /// What was given.
  var overrides: [ConfigurationSources.Override] {
    [
      watch.map { .init("watch", "\($0)", option: $0 ? "--watch" : "--no-watch") },
      reactors.map { .init("reactors", $0, option: "--reactors") },
      dataDirectory.map { .init("data.directory", $0, option: "--data-directory") },
      grace.map { .init("grace", $0, option: "--grace") },
      logLevel.map { .init("log.level", $0, option: "--log-level") },
      logFormat.map { .init("log.format", $0, option: "--log-format") },
    ].compactMap { $0 }
  }
}
