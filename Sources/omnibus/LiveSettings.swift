internal import Glibc
internal import Logging
internal import OmnibusEngine
internal import Synchronization

/// The part of the configuration that changes while the program runs.
final class LiveSettings: Sendable {
  /// The settings that hold at once when they change; others need a restart.
  static let keys: Set = ["admin.anonymous", "admin.tokens", "grace", "log.format", "log.level"]

  private static let levels = Logger.Level.allCases

  // Asked for each line that might be logged, also on the path of messages.
  private let levelIndex: Atomic<Int>
  /// What holds of the settings that need a restart.
  private let initial: [EffectiveSetting]
  private let state: Mutex<(configuration: EngineConfiguration, format: EngineLogOptions.Format)>

  /// The settings of `configuration`.
  init(_ configuration: EngineConfiguration) {
    levelIndex = Atomic(Self.index(configuration.options))
    initial = configuration.settings
    state = Mutex((configuration, Self.format(configuration.options)))
  }

  /// The least level that is logged.
  var level: Logger.Level { Self.levels[levelIndex.load(ordering: .relaxed)] }

  /// How lines are written.
  var format: EngineLogOptions.Format { state.withLock { $0.format } }

  /// How long messages under way have to finish when routes end.
  var grace: Duration { state.withLock { $0.configuration.options.grace } }

  /// The least level that is logged, as the configuration calls it.
  var logLevel: EngineLogOptions.Level { EngineLogOptions.Level(rawValue: level.rawValue) ?? .info }

  /// The settings that hold.
  var settings: [EffectiveSetting] {
    let settings = state.withLock { $0.configuration.settings }
    return zip(initial, settings).map { Self.keys.contains($1.key) ? $1 : $0 }
  }

  /// Takes over the settings of `configuration`; gives the configuration before.
  func apply(_ configuration: EngineConfiguration) -> EngineConfiguration {
    let before = state.withLock { state in
      defer { state = (configuration, Self.format(configuration.options)) }
      return state.configuration
    }
    // What an operator has set stays until the configuration says something else.
    if before.options.log.level != configuration.options.log.level { setLevel(configuration.options.log.level) }
    return before
  }

  /// Changes the least level that is logged.
  func setLevel(_ level: EngineLogOptions.Level) {
    levelIndex.store(Self.levels.firstIndex { $0.rawValue == level.rawValue } ?? 0, ordering: .relaxed)
  }

  private static func index(_ options: EngineOptions) -> Int {
    levels.firstIndex { $0.rawValue == options.log.level.rawValue } ?? 0
  }

  private static func format(_ options: EngineOptions) -> EngineLogOptions.Format {
    options.log.format ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
  }
}
