public import Omnibus

/// The running generation of routes. `apply` makes it that of the route files, as a whole or not at all.
public actor Engine {
  /// Everything that routes can name.
  public nonisolated let catalog: Catalog
  private nonisolated let environment: EngineEnvironment
  private var routes: [String: RunningRoute] = [:]
  private var generation = 0
  private var last: Task<Void, Never>?

  /// An engine that runs nothing yet.
  public init(plugins: [Plugin], environment: EngineEnvironment) {
    catalog = Catalog(plugins)
    self.environment = environment
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

  /// Makes `files` the running generation. What is unchanged is not touched; if anything is wrong, nothing changes and
  /// all problems are thrown. `grace` is how long routes that end may take over what is under way. Calls at the same
  /// time take turns.
  public func apply(_ files: RouteFiles, grace: Duration = .seconds(30)) async throws(Diagnostics) -> Applied {
    let former = last
    let turn = Task { () -> Result<Applied, Diagnostics> in
      await former?.value
      do throws(Diagnostics) {
        return .success(try await self.applyNow(files, grace: grace))
      } catch {
        return .failure(error)
      }
    }
    last = Task { _ = await turn.value }
    return try await turn.value.get()
  }

  /// The routes that run, by id, with what their messages come from.
  public var running: [(id: String, summary: String)] {
    routes.values.map { ($0.id, $0.summary) }.sorted { $0.id < $1.id }
  }

  /// Ends all routes: sources stop, messages under way finish within `grace`, the rest are refused and so come again.
  public func stop(grace: Duration) async {
    _ = try? await apply(RouteFiles([]), grace: grace)
  }

  private func applyNow(_ files: RouteFiles, grace: Duration) async throws(Diagnostics) -> Applied {
    let loader = RouteLoader(catalog: catalog, environment: environment)
    let loaded = try loader.load(files, known: routes.mapValues(\.revision))
    let newSources = loaded.filter { route in
      route.built != nil && routes[route.id]?.revision.hasSameSource(as: route.revision) != true
    }
    try await prepare(newSources)

    var applied = Applied()
    var ending: [RunningRoute] = []
    for route in loaded.filter(\.isFedByRoutes) + loaded.filter({ !$0.isFedByRoutes }) {
      guard let built = route.built else {
        applied.kept.append(route.id)
        continue
      }
      if routes[route.id] == nil { applied.added.append(route.id) } else { applied.changed.append(route.id) }
      if let former = await run(route, built, grace: grace) { ending.append(former) }
    }
    let ids = Set(loaded.map(\.id))
    for (id, route) in routes where !ids.contains(id) {
      routes[id] = nil
      applied.removed.append(id)
      ending.append(route)
    }
    await drain(ending.filter { !$0.isFedByRoutes }, grace: grace)
    await drain(ending.filter(\.isFedByRoutes), grace: grace)
    applied.sort()
    if applied.isChange || generation == 0 { generation += 1 }
    applied.generation = generation
    return applied
  }

  /// Makes a new revision the running one; answers the former route where it has a source of its own that is to end.
  private func run(_ route: RouteLoader.Loaded, _ built: BuiltRoute, grace: Duration) async -> RunningRoute? {
    let former = routes[route.id]
    if let former, former.revision.hasSameSource(as: route.revision) {
      former.replace(revision: route.revision, built: built)
      return nil
    }
    let running = RunningRoute(id: route.id, revision: route.revision, built: built)
    routes[route.id] = running
    if let former, !running.mayOverlap || !former.mayOverlap { await former.drain(within: grace) }
    await running.start()
    return former
  }

  /// Lets each new source acquire what may fail, and reports all that does.
  private func prepare(_ routes: [RouteLoader.Loaded]) async throws(Diagnostics) {
    var problems: [Diagnostic] = []
    for route in routes {
      do {
        try await route.built?.source.prepare()
      } catch {
        let reason = (error as? Failure)?.reason ?? "\(error)"
        problems.append(Diagnostic("cannot-start", at: route.place, "route \"\(route.id)\" cannot start: \(reason)"))
      }
    }
    guard problems.isEmpty else { throw Diagnostics(problems) }
  }

  private func drain(_ routes: [RunningRoute], grace: Duration) async {
    for route in routes { route.stop() }
    await withDiscardingTaskGroup { group in
      for route in routes { group.addTask { await route.drain(within: grace) } }
    }
  }
}
