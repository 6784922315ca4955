public import Omnibus

/// The configuration of an engine as it was read at one moment, with all that is wrong with it.
public struct EngineConfiguration: Sendable {
  /// What holds; defaults for each top-level key that has a problem.
  public let options: EngineOptions
  /// Each value that holds, with where it was written, in the order in which the keys are declared.
  public let settings: [EffectiveSetting]
  /// The files that were read, those that override others last.
  public let files: [RouteFiles.File]
  /// What is wrong.
  public let problems: [Diagnostic]

  /// Reads what `sources` name. References in values are read by `settings`.
  public init(reading sources: ConfigurationSources, settings reader: SettingsReader = SettingsReader()) {
    var configuration = ConfigurationReader(sources: sources, settings: reader)
    options = configuration.read()
    files = configuration.files
    problems = configuration.problems.sortedAndUnique
    var collector = SettingsCollector { text in
      let resolved = try? SettingReferences.replace(in: text) { reference throws(LoadScope.ReferenceProblem) in
        try reader.resolve(reference, directory: sources.directory)
      }
      return resolved ?? text
    }
    collector.collect(EngineOptions.shape, configuration.written)
    settings = collector.settings
  }

  /// All that is wrong with what `sources` name, and with what else could be: the file without a profile, and with each
  /// profile that has a file. What these refer to may be somewhere else, so it need not be here.
  public static func check(
    _ sources: ConfigurationSources, settings reader: SettingsReader = SettingsReader()
  ) -> (chosen: EngineConfiguration, files: [RouteFiles.File], problems: [Diagnostic]) {
    let chosen = EngineConfiguration(reading: sources, settings: reader)
    var (files, problems) = (chosen.files, chosen.problems)
    let others = [[]] + sources.availableProfiles().filter { !sources.profiles.contains($0) }.map { [$0] }
    for profiles in others where profiles != sources.profiles {
      let other = EngineConfiguration(reading: sources.with(profiles: profiles), settings: reader)
      files += other.files.filter { file in !files.contains { $0.path == file.path } }
      problems += other.problems.filter { $0.code != "unresolved-reference" }
    }
    return (chosen, files, problems.sortedAndUnique)
  }
}
