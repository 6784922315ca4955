public import Logging
public import OmnibusReactor

/// What a component may know of where it runs.
public final class Context: Sendable {
  /// The id of the route.
  public let route: String
  /// The revision of the route, a short hash of its definition and of the files that it names.
  public var revision: String { files.revision ?? definition }
  private let definition: String
  /// The id of the step: as the route gives it, else its verb and place such as `to-3`.
  public let step: String
  /// The name of the resource that the component is shared by; nil for one that stands in a route.
  public let resource: String?
  /// Logs with route and step as metadata. Messages are constant, values of a message never go in.
  public let logger: Logger
  /// The time; in tests a virtual one.
  public let clock: any EngineClock
  /// The formats that bodies are decoded by.
  public let formats: Formats
  /// The reactors of the engine.
  public let reactors: ReactorGroup
  /// Threads for what blocks.
  public let blocking: BlockingExecutor
  /// What components may take.
  public let limits: EngineLimits
  /// What is counted and measured.
  public let metrics: Metrics
  /// What the engine lends out of other libraries.
  public let services: Services
  /// Which one it is of the components of its kind that wrap the same step, or the route, from 1.
  let number: Int
  /// What the watchdog calls the step when it holds a reactor.
  let activity: Activity
  /// The files that the components of the route read while they were made.
  package let files: NamedFiles
  /// The folder of the routes file, which relative paths start from.
  public let directory: String
  /// The folder whose files, and those of all folders in it, are routes; nil where there is only the one file.
  public let routesFolder: String?

  /// Made by the engine for each step, and by tests.
  public init(
    route: String, revision: String, step: String, logger: Logger, clock: any EngineClock, formats: Formats,
    reactors: ReactorGroup, blocking: BlockingExecutor, directory: String,
    routesFolder: String? = nil, limits: EngineLimits = EngineLimits(), metrics: Metrics = Metrics(),
    services: Services = Services(), resource: String? = nil, number: Int = 1
  ) {
    self.route = route
    definition = revision
    self.step = step
    self.resource = resource
    self.logger = logger
    self.clock = clock
    self.formats = formats
    self.reactors = reactors
    self.blocking = blocking
    files = NamedFiles()
    self.directory = directory
    self.routesFolder = routesFolder
    self.limits = limits
    self.metrics = metrics
    self.services = services
    self.number = number
    activity = Self.activity(route, step)
  }

  /// The same place of the same route, for another step.
  public func with(step: String) -> Context {
    var logger = logger
    logger[metadataKey: "step"] = "\(step)"
    return Context(self, step: step, resource: resource, logger: logger)
  }

  /// The same for the middleware of a resource, which several routes share: it belongs to none of them.
  public func with(resource: String) -> Context {
    var logger = logger
    logger[metadataKey: "route"] = nil
    logger[metadataKey: "step"] = nil
    logger[metadataKey: "resource"] = "\(resource)"
    return Context(self, step: step, resource: resource, logger: logger)
  }

  /// The same place, for another middleware of the same kind: the how many-th it is, from 1.
  package func with(number: Int) -> Context {
    Context(self, step: step, resource: resource, logger: logger, number: number)
  }

  /// What a component that keeps state is called in metrics and by operators: its resource, else `route/step`, or the
  /// route where it wraps all of that; a second one of its kind there with `#2`.
  public var place: String {
    resource ?? (isOfRoute ? route : "\(route)/\(step)") + (number > 1 ? "#\(number)" : "")
  }

  /// Whether it is that of the route as a whole. No step can have its id.
  private var isOfRoute: Bool { step.isEmpty || step == "route" }

  /// The place of `other` for another step or resource.
  private init(_ other: Context, step: String, resource: String?, logger: Logger, number: Int = 1) {
    self.number = number
    self.step = step
    self.resource = resource
    self.logger = logger
    route = other.route
    definition = other.definition
    clock = other.clock
    formats = other.formats
    reactors = other.reactors
    blocking = other.blocking
    limits = other.limits
    metrics = other.metrics
    services = other.services
    activity = Self.activity(route, step)
    files = other.files
    directory = other.directory
    routesFolder = other.routesFolder
  }

  private static func activity(_ route: String, _ step: String) -> Activity {
    Activity(step.isEmpty ? "route \(route)" : "route \(route), step \(step)")
  }
}
