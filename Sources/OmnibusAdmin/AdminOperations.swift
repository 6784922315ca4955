public import Omnibus
public import OmnibusEngine
public import OmnibusStore

/// What the admin API can do: the engine and the program behind it, handed in so that tests can replace them.
public struct AdminOperations: Sendable {
  /// What to do with a route.
  public enum RouteAction: String, Sendable, CaseIterable {
    case start, pause, resume, drain, stop
  }

  /// The version of the program.
  public var version: String
  /// Whether everything does what it is meant to, as `/health/ready` says.
  public var isReady: @Sendable () async -> Bool
  /// How all routes stand.
  public var routes: @Sendable () async -> [RouteStatus]
  /// Does something with a route; `grace` is how long messages under way may take.
  public var control: @Sendable (_ action: RouteAction, _ route: String, _ grace: Duration) async throws -> Void
  /// Applies the files of routes and the configuration as they are.
  public var reload: @Sendable () async throws -> Applied
  /// What applying would change: the files given, by their paths in the folder of routes, or those that are there.
  public var plan: @Sendable (_ files: [RouteFiles.File]?) async throws -> Applied
  /// Applies an earlier generation again, nil for the one before.
  public var rollback: @Sendable (_ generation: Int?) async throws -> Applied
  /// The generations that are kept, newest first.
  public var generations: @Sendable () async throws -> [StoredGeneration]
  /// How all breakers stand, by name.
  public var breakers: @Sendable () async -> [(name: String, status: BreakerStatus)]
  /// Forces a breaker, nil lets it go.
  public var force: @Sendable (_ breaker: String, _ state: BreakerStatus.State?) async throws -> Void
  /// The store; nil where nothing works on it, a failure where it cannot be used, or not yet.
  public var store: @Sendable () throws -> (any Store)?
  /// The dead letters.
  public var deadLetters: @Sendable () throws -> DeadLetters
  /// The configuration that holds, with secrets masked.
  public var configuration: @Sendable () -> [EffectiveSetting]
  /// The least level that is logged.
  public var logLevel: @Sendable () -> EngineLogOptions.Level
  /// Changes it, until the configuration says another or the program ends.
  public var setLogLevel: @Sendable (EngineLogOptions.Level) -> Void
  /// How long messages under way have, where a request does not say.
  public var grace: @Sendable () -> Duration

  /// Operations.
  public init(
    version: String, isReady: @escaping @Sendable () async -> Bool,
    routes: @escaping @Sendable () async -> [RouteStatus],
    control: @escaping @Sendable (RouteAction, String, Duration) async throws -> Void,
    reload: @escaping @Sendable () async throws -> Applied,
    plan: @escaping @Sendable ([RouteFiles.File]?) async throws -> Applied,
    rollback: @escaping @Sendable (Int?) async throws -> Applied,
    generations: @escaping @Sendable () async throws -> [StoredGeneration],
    breakers: @escaping @Sendable () async -> [(name: String, status: BreakerStatus)],
    force: @escaping @Sendable (String, BreakerStatus.State?) async throws -> Void,
    store: @escaping @Sendable () throws -> (any Store)?,
    deadLetters: @escaping @Sendable () throws -> DeadLetters,
    configuration: @escaping @Sendable () -> [EffectiveSetting],
    logLevel: @escaping @Sendable () -> EngineLogOptions.Level,
    setLogLevel: @escaping @Sendable (EngineLogOptions.Level) -> Void, grace: @escaping @Sendable () -> Duration
  ) {
    self.version = version
    self.isReady = isReady
    self.routes = routes
    self.control = control
    self.reload = reload
    self.plan = plan
    self.rollback = rollback
    self.generations = generations
    self.breakers = breakers
    self.force = force
    self.store = store
    self.deadLetters = deadLetters
    self.configuration = configuration
    self.logLevel = logLevel
    self.setLogLevel = setLogLevel
    self.grace = grace
  }
}
