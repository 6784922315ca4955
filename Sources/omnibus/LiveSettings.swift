internal import Glibc
internal import Logging
internal import OmnibusEngine
internal import Synchronization

/// The part of the configuration that changes while the program runs.
final class LiveSettings: Sendable {
  /// The settings that hold at once when they change; others need a restart.
  static let keys: Set = ["grace", "log.format", "log.level"]

  private static let levels = Logger.Level.allCases

  // Asked for each line that might be logged, also on the path of messages.
  private let levelIndex: Atomic<Int>
  private let state: Mutex<(configuration: EngineConfiguration, format: EngineLogOptions.Format)>

  /// The settings of `configuration`.
  init(_ configuration: EngineConfiguration) {
    levelIndex = Atomic(Self.index(configuration.options))
    state = Mutex((configuration, Self.format(configuration.options)))
  }

  /// The least level that is logged.
  var level: Logger.Level { Self.levels[levelIndex.load(ordering: .relaxed)] }

  /// How lines are written.
  var format: EngineLogOptions.Format { state.withLock { $0.format } }

  /// How long messages under way have to finish when routes end.
  var grace: Duration { state.withLock { $0.configuration.options.grace } }

  /// Takes over the settings of `configuration`; gives the configuration before.
  func apply(_ configuration: EngineConfiguration) -> EngineConfiguration {
    levelIndex.store(Self.index(configuration.options), ordering: .relaxed)
    return state.withLock { state in
      defer { state = (configuration, Self.format(configuration.options)) }
      return state.configuration
    }
  }

  private static func index(_ options: EngineOptions) -> Int {
    levels.firstIndex { $0.rawValue == options.log.level.rawValue } ?? 0
  }

  private static func format(_ options: EngineOptions) -> EngineLogOptions.Format {
    options.log.format ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
  }
}
