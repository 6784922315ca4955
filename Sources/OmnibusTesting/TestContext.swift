internal import Logging
public import Omnibus
internal import OmnibusReactor
public import OmnibusStore

extension Context {
  /// A context for a component that is tested by itself: a clock that stands still, a logger that says nothing, and
  /// reactors that all tests of the process share. With a `store`, its `services` have access to it.
  public static func testing(
    route: String = "test", step: String = "steps[0]", clock: any EngineClock = ManualClock(),
    formats: Formats = Formats(), log: LogRecorder? = nil, directory: String = "/nonexistent",
    routesFolder: String? = nil, limits: EngineLimits = EngineLimits(), metrics: Metrics = Metrics(),
    services: Services = Services(), store: (any Store)? = nil
  ) -> Context {
    var services = services
    if let store { services[StoreAccess.self] = StoreAccess(store) }
    return Context(
      route: route, revision: "test", step: step,
      logger: Logger(label: "test") { _ in log?.handler ?? SwiftLogNoOpLogHandler() },
      clock: clock, formats: formats, reactors: TestReactors.shared, blocking: TestReactors.blocking,
      directory: directory, routesFolder: routesFolder, limits: limits, metrics: metrics, services: services)
  }
}

extension Deliver {
  /// A route for a source that is tested by itself: `route` gets each message.
  public static func testing(
    context: Context, stop: StopSignal = StopSignal(), ready: @escaping @Sendable () -> Void = {},
    route: @escaping @Sendable (inout Message) async throws -> Next
  ) -> Deliver {
    Deliver(context: context, stop: stop, ready: ready) { message, _ in try await route(&message) }
  }
}

/// Two reactors and a few threads that all tests of a process share.
enum TestReactors {
  static let shared: ReactorGroup = {
    do { return try ReactorGroup(count: 2) } catch { preconditionFailure("the tests need reactors: \(error)") }
  }()
  static let blocking = BlockingExecutor(threads: 4)
}
