internal import ArgumentParser
internal import Glibc
internal import Omnibus
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

  /// The plugins that the configuration beside `Routes` names, and those of the program, for a command that runs no
  /// routes. What is wrong is written; without a plugin that is not optional the command ends.
  func installedPlugins() throws -> InstalledPlugins {
    let read = EngineConfiguration(reading: sources())
    let installed = InstalledPlugins(loading: read.options.plugins)
    let renderer = DiagnosticRenderer(files: RouteFiles(read.files), colour: Terminal.usesColour(STDERR_FILENO))
    let problems = read.problems + installed.problems
    for problem in problems { Terminal.write(renderer.render(problem), to: STDERR_FILENO) }
    if problems.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    return installed
  }

  private var profiles: [String] {
    guard profile.isEmpty, let names = getenv("OMNIBUS_PROFILE") else { return profile }
    return String(cString: names).split(separator: ",").map(String.init)
  }
}
