internal import Logging
internal import OmnibusEngine
internal import OmnibusReactor

/// Makes engines for commands.
enum EngineSetup {
  /// An engine that logs nothing and uses one reactor, for commands that run no routes.
  static func engine(_ options: EngineOptions, _ installed: InstalledPlugins) throws -> Engine {
    Engine(plugins: installed.plugins, missing: installed.missing, environment: try environment(options))
  }

  /// What such an engine runs on.
  static func environment(_ options: EngineOptions = EngineOptions()) throws -> EngineEnvironment {
    Heap.keepFreedMemory()
    return EngineEnvironment(
      reactors: try ReactorGroup(count: 1), logger: Logger(label: "omnibus") { _ in SwiftLogNoOpLogHandler() },
      limits: options.limits.limits)
  }
}
