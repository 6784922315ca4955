internal import ArgumentParser
internal import Glibc
internal import Omnibus
internal import OmnibusEngine

extension InstalledPlugins {
  /// The plugins of the program and those that the configuration in `sources` names, for a command that runs no routes.
  /// Writes what is wrong; without a plugin that is not optional the command ends.
  static func read(_ sources: ConfigurationSources) throws -> InstalledPlugins {
    let configuration = EngineConfiguration(reading: sources)
    let installed = InstalledPlugins(loading: configuration.options.plugins)
    let problems = configuration.problems + installed.problems
    let renderer = DiagnosticRenderer(
      files: RouteFiles(configuration.files), colour: Terminal.usesColour(STDERR_FILENO))
    for problem in problems { Terminal.write(renderer.render(problem), to: STDERR_FILENO) }
    if problems.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    return installed
  }
}
