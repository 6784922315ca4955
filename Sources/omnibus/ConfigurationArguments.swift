internal import ArgumentParser
internal import Glibc
internal import OmnibusEngine

/// Where a command reads the engine's configuration from.
struct ConfigurationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The engine's configuration; omnibus.yaml beside the routes, if it is there, unless given.", valueName: "file"))
  var config: String?
  @Option(
    help: ArgumentHelp(
      "Let omnibus.NAME.yaml override it; may come more than once, the last wins. OMNIBUS_PROFILE=a,b unless given.",
      valueName: "name"))
  var profile: [String] = []

  /// The sources for a command that works on the folder or file `routes`.
  func sources(
    besideRoutes routes: String = "Routes", overrides: [ConfigurationSources.Override] = []
  ) -> ConfigurationSources {
    config.map { ConfigurationSources(file: $0, profiles: profiles, overrides: overrides) }
      ?? ConfigurationSources(besideRoutes: routes, profiles: profiles, overrides: overrides)
  }

  private var profiles: [String] {
    guard profile.isEmpty, let names = getenv("OMNIBUS_PROFILE") else { return profile }
    return String(cString: names).split(separator: ",").map(String.init)
  }
}
