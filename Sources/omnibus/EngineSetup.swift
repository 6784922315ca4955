internal import Logging
internal import OmnibusEngine
internal import OmnibusReactor

/// Makes engines for commands.
enum EngineSetup {
  /// An engine that logs nothing and uses one reactor, for commands that run no routes.
  static func engine() throws -> Engine { Engine(plugins: builtInPlugins, environment: try environment()) }

  /// What such an engine runs on.
  static func environment() throws -> EngineEnvironment {
    Heap.keepFreedMemory()
    return EngineEnvironment(
      reactors: try ReactorGroup(count: 1), logger: Logger(label: "omnibus") { _ in SwiftLogNoOpLogHandler() })
  }
}
