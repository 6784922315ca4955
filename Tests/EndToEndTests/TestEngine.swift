import Omnibus
import OmnibusEngine
import OmnibusStore
import OmnibusTesting

@testable import omnibus

extension Engine {
  /// An engine with all plugins of the program, the system in memory of a test, and further plugins, over a store.
  static func testing(
    _ access: StoreAccess, _ memory: MemorySystem = MemorySystem(), clock: (any EngineClock)? = nil,
    plugins: [Plugin] = []
  ) throws -> Engine {
    var environment = try EngineSetup.environment()
    if let clock { environment.clock = clock }
    environment.services[StoreAccess.self] = access
    return Engine(plugins: builtInPlugins + [memory.plugin] + plugins, environment: environment)
  }

  /// Applies one file of routes.
  @discardableResult
  func apply(_ yaml: String) async throws -> Applied {
    try await apply(RouteFiles([.init(path: "routes.yaml", bytes: Array(yaml.utf8))]), grace: .zero)
  }
}
