internal import Glibc
public import Omnibus

/// The configuration of an engine as it was read at one moment, with all that is wrong with it.
public struct EngineConfiguration: Sendable {
  /// What holds; defaults for each top-level key that has a problem.
  public let options: EngineOptions
  /// The files that were read, those that override others last.
  public let files: [RouteFiles.File]
  /// What is wrong.
  public let problems: [Diagnostic]
  /// What was written, of all files and the command line together.
  let written: Node

  /// Reads what `sources` name. References in values are read by `settings`.
  public init(reading sources: ConfigurationSources, settings: SettingsReader = SettingsReader()) {
    var reader = ConfigurationReader(sources: sources, settings: settings)
    options = reader.read()
    files = reader.files
    problems = reader.problems.sortedAndUnique
    written = reader.written
  }
}
