public import Omnibus

/// The running generation of routes. `apply` makes it that of the route files, as a whole or not at all.
public actor Engine {
  /// Everything that routes can name.
  public nonisolated let catalog: Catalog
  private nonisolated let environment: EngineEnvironment
  private var routes: [String: RunningRoute] = [:]
  private var generation = 0
  private var last: Task<Void, Never>?

  /// An engine that runs nothing yet. `missing` says why plugins are not there that routes may ask for.
  public init(plugins: [Plugin], missing: [Diagnostic.Note] = [], environment: EngineEnvironment) {
    catalog = Catalog(plugins, missing: missing)
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
    let loaded = try loader.load(files, known: routes.mapValues { .init(revision: $0.revision, source: $0.source) })
    let newSources = loaded.filter { route in
      route.built != nil && routes[route.id]?.revision.hasSameSource(as: route.revision) != true
    }
    try await prepare(newSources)

    var applied = Applied(generation: generation)
    let ending = take(endedBy: loaded, &applied)
    // Two sources that take from the same place must not run at once, whatever their routes are called.
    let (overlapping, exclusive) = ending.partitioned { $0.mayOverlap }
    await drain(exclusive, grace: grace)
    for route in loaded.filter(\.isFedByRoutes) + loaded.filter({ !$0.isFedByRoutes }) { await run(route, &applied) }
    await drain(overlapping, grace: grace)
    applied.sort()
    if applied.isChange || generation == 0 { generation += 1 }
    applied.generation = generation
    return applied
  }

  /// Takes out the routes that are gone, and those that get another source.
  private func take(endedBy loaded: [RouteLoader.Loaded], _ applied: inout Applied) -> [RunningRoute] {
    let next = Dictionary(loaded.map { ($0.id, $0.revision) }) { first, _ in first }
    let ending = routes.values.filter { next[$0.id].map($0.revision.hasSameSource) != true }
    for route in ending {
      routes[route.id] = nil
      if next[route.id] == nil { applied.removed.append(route.id) } else { applied.changed.append(route.id) }
    }
    return ending
  }

  /// Makes a revision the running one.
  private func run(_ route: RouteLoader.Loaded, _ applied: inout Applied) async {
    guard let built = route.built else {
      applied.kept.append(route.id)
      return
    }
    if let running = routes[route.id] {
      applied.changed.append(route.id)
      running.replace(revision: route.revision, built: built)
      return
    }
    if !applied.changed.contains(route.id) { applied.added.append(route.id) }
    let running = RunningRoute(id: route.id, revision: route.revision, built: built)
    routes[route.id] = running
    await running.start()
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

  /// Ends routes together; those that others call only when nothing can call them any more.
  private func drain(_ routes: [RunningRoute], grace: Duration) async {
    let (called, calling) = routes.partitioned { $0.isFedByRoutes }
    for routes in [calling, called] {
      for route in routes { route.stop() }
      await withDiscardingTaskGroup { group in
        for route in routes { group.addTask { await route.drain(within: grace) } }
      }
    }
  }
}

extension Array {
  /// The elements for which `condition` holds, and the others.
  fileprivate func partitioned(_ condition: (Element) -> Bool) -> (matching: [Element], others: [Element]) {
    (filter(condition), filter { !condition($0) })
  }
}
