public import Logging
public import Omnibus
public import OmnibusReactor
internal import OmnibusStore

/// What an engine runs on, handed in so that tests can replace it.
public struct EngineEnvironment: Sendable {
  /// The threads of messages.
  public var reactors: ReactorGroup
  /// The threads of what blocks.
  public var blocking: BlockingExecutor
  /// The time.
  public var clock: any EngineClock
  /// Where the engine and all components log to.
  public var logger: Logger
  /// Where references in routes are read from.
  public var settings: SettingsReader
  /// What components may take.
  public var limits: EngineLimits
  /// What is counted and measured.
  public var metrics: Metrics
  /// What components are lent out of other libraries, such as the store.
  public var services: Services

  /// An environment; the clock is that of the reactors unless another is given.
  public init(
    reactors: ReactorGroup, blocking: BlockingExecutor = BlockingExecutor(), clock: (any EngineClock)? = nil,
    logger: Logger, settings: SettingsReader = SettingsReader(), limits: EngineLimits = EngineLimits(),
    metrics: Metrics = Metrics(), services: Services = Services()
  ) {
    self.reactors = reactors
    self.blocking = blocking
    self.clock = clock ?? SystemClock(reactors: reactors)
    self.logger = logger
    self.settings = settings
    self.limits = limits
    self.metrics = metrics
    self.services = services
  }

  /// The context of a build of a route, before any step.
  func context(
    route: String, revision: String, directory: String, routesFolder: String?, formats: Formats
  ) -> Context {
    var logger = logger
    logger[metadataKey: "route"] = "\(route)"
    var services = services
    services[StoreNeed.self] = StoreNeed()
    return Context(
      route: route, revision: revision, step: "route", logger: logger, clock: clock, formats: formats,
      reactors: reactors, blocking: blocking, directory: directory, routesFolder: routesFolder,
      limits: limits, metrics: metrics.scope(), services: services)
  }
}
