public import Omnibus
internal import OmnibusReactor
internal import OmnibusStore

/// The running generation of routes. `apply` makes it that of the route files, as a whole or not at all.
public actor Engine {
  /// Everything that routes can name.
  public nonisolated let catalog: Catalog
  nonisolated let environment: EngineEnvironment
  nonisolated let log: GenerationLog
  nonisolated let replays = Replays()
  private nonisolated let metrics: ReloadMetrics
  var routes: [String: RunningRoute] = [:]
  /// What operators want of routes, other than that they run.
  var controls: [String: RouteControl] = [:]
  /// Routes that are between a source and another.
  var changing: Set<String> = []
  /// What was applied last.
  var files = RouteFiles([])
  /// The files that `${file:}` in routes names and that their components read, also of those that could not be loaded last.
  public private(set) var namedFiles: Set<String> = []
  private var generation = 0
  /// How long what is under way has to finish once the engine stops; nil as long as it does not.
  private(set) var stopGrace: Duration?
  /// Signalled when the engine stops.
  nonisolated let stops = StopSignal()
  /// Routes that end.
  private var ending: [ObjectIdentifier: RunningRoute] = [:]
  private var last: Task<Void, Never>?

  /// An engine that runs nothing yet. `missing` says why plugins are not there that routes may ask for.
  public init(plugins: [Plugin], missing: [Diagnostic.Note] = [], environment: EngineEnvironment) {
    catalog = Catalog(plugins, missing: missing)
    self.environment = environment
    log = GenerationLog(environment)
    metrics = ReloadMetrics(environment)
  }

  /// All that is wrong with `files`; touches nothing.
  public nonisolated func check(_ files: RouteFiles) -> [Diagnostic] {
    do throws(Diagnostics) {
      _ = try RouteLoader(catalog: catalog, environment: environment).load(files)
      return []
    } catch {
      return error.all
    }
  }

  /// Builds a list of steps in YAML that belongs to no route, to be run by hand. `directory` is where relative paths
  /// start.
  public nonisolated func steps(_ bytes: [UInt8], file: String, directory: String) throws(Diagnostics) -> Block {
    try RouteLoader(catalog: catalog, environment: environment).loadSteps(bytes, file: file, directory: directory)
  }

  /// What `apply` would do with `files`, or all problems that keep it from doing so, but for those that show only when
  /// sources are prepared. Touches nothing.
  public func plan(_ files: RouteFiles) async throws(Diagnostics) -> Applied {
    let loaded = try await load(files)
    var applied = Applied(generation: generation)
    for route in loaded {
      guard let running = routes[route.id] else {
        applied.added.append(route.id)
        continue
      }
      guard route.built != nil else {
        applied.kept.append(route.id)
        continue
      }
      applied.changed.append(route.id)
      applied.changes[route.id] = route.revision.differences(from: running.revision)
    }
    applied.removed = Set(routes.keys).subtracting(loaded.map(\.id)).sorted()
    applied.sort()
    return applied
  }

  /// Makes `files` the running generation. What is unchanged is not touched; if anything is wrong, nothing changes and
  /// all problems are thrown. `grace` is how long routes that end may take over what is under way; `reason` is what made
  /// it (`start`, `files`, `signal`, `admin`), kept with the generation. Calls at the same time take turns; once the engine
  /// stops, they are refused, and so is one whose task is cancelled before anything has changed.
  public func apply(
    _ files: RouteFiles, grace: Duration = .seconds(30), reason: String = "start"
  ) async throws(Diagnostics) -> Applied {
    try await inTurn { engine, givenUp async throws(Diagnostics) in
      do throws(Diagnostics) {
        guard engine.stopGrace == nil else { throw .engineStops }
        let applied = try await engine.applyNow(files, grace: grace, unless: givenUp)
        return await engine.finish(applied, reason)
      } catch {
        engine.metrics.failed.add()
        throw error
      }
    }
  }

  /// The routes that are known, by id, with what their messages come from.
  public var running: [(id: String, summary: String)] {
    routes.values.map { ($0.id, $0.summary) }.sorted { $0.id < $1.id }
  }

  /// Counts a reload that failed before there was anything to apply, as one does for a mistake in `omnibus.yaml`.
  public nonisolated func noteRefusedReload() { metrics.failed.add() }

  /// Ends all routes for good: sources stop, messages under way finish within `grace`, the rest are refused and so come
  /// again. Whatever is asked of the engine from now on is refused.
  public func stop(grace: Duration) async {
    stopGrace = min(stopGrace ?? grace, grace)
    stops.signal()
    replays.stopAll()
    // They may have been given more time than there is now.
    for route in ending.values { route.giveUp(after: grace) }
    _ = try? await inTurn { engine, givenUp async throws(Diagnostics) in
      _ = try await engine.applyNow(RouteFiles([]), grace: grace, unless: givenUp)
    }
  }

  /// Does `work` after all that was asked for before has ended. It is signalled where the task of who asked is cancelled.
  func inTurn<Result: Sendable, Problem: Error>(
    _ work: @escaping @Sendable (isolated Engine, _ givenUp: StopSignal) async throws(Problem) -> Result
  ) async throws(Problem) -> Result {
    let (former, givenUp) = (last, StopSignal())
    let turn = Task { () -> Swift.Result<Result, Problem> in
      await former?.value
      do throws(Problem) {
        return .success(try await work(self, givenUp))
      } catch {
        return .failure(error)
      }
    }
    last = Task { _ = await turn.value }
    return try await withTaskCancellationHandler {
      await turn.value
    } onCancel: {
      givenUp.signal()
    }.get()
  }

  /// The routes as they are, for telling what is other in new files.
  var known: [String: RouteLoader.Known] {
    routes.mapValues { .init(revision: $0.revision, source: $0.source, shared: $0.now.built.shared) }
  }

  /// Reads and builds routes on a thread for what blocks: there may be many megabytes of them.
  func load(_ files: RouteFiles, only: String? = nil) async throws(Diagnostics) -> [RouteLoader.Loaded] {
    let read = FilesOfLoad()
    let loader = RouteLoader(catalog: catalog, environment: environment, read: read)
    let known = known
    defer { if only == nil { namedFiles = read.paths } }
    // Nothing takes no time, and the end of the engine must not wait for a thread.
    guard !files.files.isEmpty else { return try loader.load(files, known: known, only: only) }
    do {
      return try await environment.blocking.run { try loader.load(files, known: known, only: only) }
    } catch {
      // It throws nothing else.
      throw error as? Diagnostics ?? Diagnostics([])
    }
  }

  private func applyNow(
    _ files: RouteFiles, grace: Duration, unless givenUp: StopSignal
  ) async throws(Diagnostics) -> Applied {
    let loaded = try await load(files)
    let newSources = loaded.filter { route in
      route.built != nil && controls[route.id] != .stopped
        && routes[route.id]?.revision.hasSameSource(as: route.revision) != true
    }
    try await openStore(ifNeeded: loaded.contains { $0.built?.needsStore == true })
    try await acquire(newSources, loaded.filter { controls[$0.id] != .stopped }, unless: givenUp)

    var applied = Applied(generation: generation)
    let ending = take(endedBy: loaded, &applied)
    self.files = files
    // Two sources that take from the same place must not run at once, whatever their routes are called.
    let (overlapping, exclusive) = ending.partitioned { $0.mayOverlap }
    await drain(exclusive, grace: grace)
    for route in loaded.filter(\.isFedByRoutes) + loaded.filter({ !$0.isFedByRoutes }) { await run(route, &applied) }
    await drain(overlapping, grace: grace)
    changing = []
    for id in applied.removed { controls[id] = nil }
    applied.sort()
    return applied
  }

  /// Gives what was applied its number.
  private func finish(_ applied: Applied, _ reason: String) async -> Applied {
    var applied = applied
    if applied.isChange || generation == 0 {
      generation = await log.keep(
        files, naming: routes.values.flatMap(\.revision.files), reason: reason, routes: routes.keys.sorted())
    }
    applied.generation = generation
    metrics.applied(applied)
    return applied
  }

  /// Opens the store where routes that are about to run work on it. Those that run already have it open.
  private func openStore(ifNeeded isNeeded: Bool) async throws(Diagnostics) {
    do {
      try await environment.services[StoreAccess.self]?.open(ifNeeded: isNeeded)
    } catch {
      let place = Location(file: "the store", line: 0, column: 0)
      throw Diagnostics([Diagnostic("cannot-start", at: place, "the store cannot be opened: \(Failure(error).reason)")])
    }
  }

  /// Takes out the routes that are gone, and those that get another source.
  private func take(endedBy loaded: [RouteLoader.Loaded], _ applied: inout Applied) -> [RunningRoute] {
    let next = Dictionary(loaded.map { ($0.id, $0.revision) }) { first, _ in first }
    let ending = routes.values.filter { next[$0.id].map($0.revision.hasSameSource) != true }
    for route in ending {
      routes[route.id] = nil
      guard let revision = next[route.id] else {
        applied.removed.append(route.id)
        continue
      }
      changing.insert(route.id)
      applied.changed.append(route.id)
      applied.changes[route.id] = revision.differences(from: route.revision)
    }
    return ending
  }

  /// Makes a revision the running one, unless an operator stopped the route.
  func run(_ route: RouteLoader.Loaded, _ applied: inout Applied) async {
    guard let built = route.built else {
      applied.kept.append(route.id)
      return
    }
    if let running = routes[route.id] {
      applied.changed.append(route.id)
      applied.changes[route.id] = route.revision.differences(from: running.revision)
      running.replace(revision: route.revision, built: built)
      return
    }
    if !applied.changed.contains(route.id) { applied.added.append(route.id) }
    let control = controls[route.id] ?? .started
    let running = RunningRoute(id: route.id, revision: route.revision, built: built, control: control)
    routes[route.id] = running
    if control != .stopped { await running.start() }
  }

  /// Ends routes together; those that others call only when nothing can call them any more.
  private func drain(_ routes: [RunningRoute], grace: Duration) async {
    let (called, calling) = routes.partitioned { $0.isFedByRoutes }
    for routes in [calling, called] {
      for route in routes { route.stop() }
      let grace = min(grace, stopGrace ?? grace)
      for route in routes { ending[ObjectIdentifier(route)] = route }
      await withDiscardingTaskGroup { group in
        for route in routes { group.addTask { await route.drain(within: grace) } }
      }
      for route in routes { ending[ObjectIdentifier(route)] = nil }
    }
  }
}

extension Array {
  /// The elements for which `condition` holds, and the others.
  fileprivate func partitioned(_ condition: (Element) -> Bool) -> (matching: [Element], others: [Element]) {
    (filter(condition), filter { !condition($0) })
  }
}

extension Diagnostics {
  /// That the engine takes no routes any more.
  static var engineStops: Diagnostics { cannotStart(Failure.engineStops.reason) }
  /// That who wanted routes to be applied does not any more.
  static var givenUp: Diagnostics { cannotStart("the routes are not applied, as that was given up") }

  private static func cannotStart(_ reason: String) -> Diagnostics {
    Diagnostics([Diagnostic("cannot-start", at: Location(file: "the engine", line: 0, column: 0), reason)])
  }
}

extension Failure {
  /// That the engine does nothing any more.
  static var engineStops: Failure { Failure(.unavailable, "the engine is stopping") }
}
