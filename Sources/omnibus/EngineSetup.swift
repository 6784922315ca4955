internal import Logging
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusReactor
internal import OmnibusStore

/// Makes engines for commands.
enum EngineSetup {
  /// An engine that logs nothing and uses one reactor, for commands that run no routes.
  static func engine(_ options: EngineOptions, _ installed: InstalledPlugins) throws -> Engine {
    Engine(plugins: installed.plugins, missing: installed.missing, environment: try environment(options))
  }

  /// What such an engine runs on.
  static func environment(_ options: EngineOptions = EngineOptions()) throws -> EngineEnvironment {
    Heap.keepFreedMemory()
    var environment = EngineEnvironment(
      reactors: try ReactorGroup(count: 1), logger: Logger(label: "omnibus") { _ in SwiftLogNoOpLogHandler() },
      limits: options.limits.limits)
    // Routes that need a store can be checked without one.
    environment.services[StoreAccess.self] = StoreAccess { throw Failure(.unavailable, "this command opens no store") }
    return environment
  }
}
