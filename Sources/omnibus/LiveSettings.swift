internal import Glibc
internal import Logging
internal import OmnibusEngine
internal import Synchronization

/// The part of the configuration that changes while the program runs.
final class LiveSettings: Sendable {
  private static let levels = Logger.Level.allCases

  // Asked for each line that might be logged, also on the path of messages.
  private let levelIndex: Atomic<Int>
  private let others: Mutex<(format: EngineLogOptions.Format, grace: Duration)>

  /// The settings of `options`.
  init(_ options: EngineOptions) {
    levelIndex = Atomic(Self.index(options))
    others = Mutex((Self.format(options), options.grace))
  }

  /// The least level that is logged.
  var level: Logger.Level { Self.levels[levelIndex.load(ordering: .relaxed)] }

  /// How lines are written.
  var format: EngineLogOptions.Format { others.withLock { $0.format } }

  /// How long messages under way have to finish when routes end.
  var grace: Duration { others.withLock { $0.grace } }

  /// Takes over the settings of `options`.
  func apply(_ options: EngineOptions) {
    levelIndex.store(Self.index(options), ordering: .relaxed)
    others.withLock { $0 = (Self.format(options), options.grace) }
  }

  private static func index(_ options: EngineOptions) -> Int {
    levels.firstIndex { $0.rawValue == options.log.level.rawValue } ?? 0
  }

  private static func format(_ options: EngineOptions) -> EngineLogOptions.Format {
    options.log.format ?? (isatty(STDERR_FILENO) == 1 ? .text : .json)
  }
}
