public import Omnibus
internal import OmnibusStore

extension Engine {
  /// How all routes stand, by id.
  public func status() async -> [RouteStatus] {
    let trouble = await environment.services[StoreAccess.self]?.trouble()
    return routes.values.map { $0.status(trouble) }.sorted { $0.id < $1.id }
  }

  /// Lets a route take no messages, while its source keeps its place: listeners refuse with `unavailable`, sources that
  /// fetch messages leave them where they are. What is under way finishes. Survives changes of the route; fails with
  /// `rejected` where there is no such route.
  public func pause(_ route: String) async throws(Failure) { try setControl(.paused, of: route) }

  /// Lets a route take messages that was paused or drained; a stopped one is left stopped. Fails with `rejected` where
  /// there is no such route.
  public func resume(_ route: String) async throws(Failure) { try setControl(.started, of: route) }

  /// Pauses a route, and waits until nothing is under way. Fails with `timeout` where something still is after `grace`,
  /// and leaves the route paused then, too.
  public func drain(_ route: String, grace: Duration = .seconds(30)) async throws(Failure) {
    try setControl(.draining, of: route)
    guard let running = routes[route] else { return }
    let over = StopSignal()
    let overdue = environment.clock.schedule(after: grace) { over.signal() }
    let isIdle: Bool
    do {
      isIdle = try await running.gate.waitUntilIdle(unless: over)
    } catch {
      isIdle = false
    }
    overdue.cancel()
    if controls[route] == .draining { controls[route] = .paused }
    running.gate.endDrain()
    guard isIdle else {
      throw Failure(.timeout, "messages of the route \"\(route)\" are still under way after \(grace.text)")
    }
  }

  /// Ends the source of a route; what is under way may take `grace` to finish. The route stays known, and can be started
  /// again once that is done. Fails with `rejected` where there is no such route.
  public func stop(route: String, grace: Duration = .seconds(30)) async throws(Failure) {
    let running = try await inTurn { engine, _ async throws(Failure) in
      guard let running = engine.routes[route] else { throw Failure(noRoute: route) }
      engine.set(.stopped, of: running)
      running.stop()
      return running
    }
    // Not in turn: whoever wants to reload or stop the engine need not wait as long.
    await running.drain(within: grace)
  }

  /// Starts a route that was stopped, and resumes one that is paused. Fails with `rejected` where there is no such route,
  /// and with `unavailable` where it is still ending or its source cannot be prepared, which leaves it stopped, and while
  /// the engine stops.
  public func start(route: String) async throws(Failure) {
    try await inTurn { engine, givenUp async throws(Failure) in try await engine.startNow(route, unless: givenUp) }
  }

  private func startNow(_ id: String, unless givenUp: StopSignal) async throws(Failure) {
    guard stopGrace == nil else { throw .engineStops }
    guard let running = routes[id] else { throw Failure(noRoute: id) }
    guard controls[id] == .stopped else { return set(.started, of: running) }
    guard !running.isEnding else { throw Failure(.unavailable, "the route \"\(id)\" is still ending") }
    do throws(Diagnostics) {
      // A source that has ended cannot run again: it is built anew, of the files that were applied.
      let loaded = try await load(files, only: id)
      try await acquire(loaded, loaded, unless: givenUp)
      controls[id] = nil
      routes[id] = nil
      var applied = Applied()
      for route in loaded { await run(route, &applied) }
    } catch {
      throw Failure(.unavailable, error.all.first?.message ?? "the route \"\(id)\" cannot start")
    }
  }

  private func setControl(_ control: RouteControl, of route: String) throws(Failure) {
    guard let running = routes[route] else {
      guard changing.contains(route) else { throw Failure(noRoute: route) }
      controls[route] = control
      return
    }
    if controls[route] == .stopped { return }
    set(control, of: running)
  }

  private func set(_ control: RouteControl, of route: RunningRoute) {
    controls[route.id] = control == .started ? nil : control
    route.gate.set(control)
  }

  /// The circuit breakers of all routes, by name: that of their resource, else `ROUTE/STEP`.
  public func breakers() -> [(name: String, status: BreakerStatus)] {
    allBreakers.map { ($0.key, $0.value.status) }.sorted { $0.name < $1.name }
  }

  /// Keeps a breaker open or closed whatever happens; nil lets it go by what it sees again. Fails with `rejected` where
  /// there is no such breaker.
  public func force(breaker name: String, _ state: BreakerStatus.State?) throws(Failure) {
    guard let breaker = allBreakers[name] else { throw Failure(.rejected, "no circuit breaker is called \"\(name)\"") }
    breaker.force(state)
  }

  private var allBreakers: [String: any BreakerControl] {
    Dictionary(routes.values.flatMap { $0.now.built.breakers.map { ($0.name, $0.control) } }) { first, _ in first }
  }

  /// Runs a message through a route as if its source had handed it on, with the same acknowledgement: returning is
  /// success. Fails with `rejected` where there is no such route, or its revision is not the one that is asked for, and
  /// with `unavailable` while it takes no messages, or the engine stops.
  public nonisolated func deliver(
    _ message: inout Message, to route: String, revision: String? = nil
  ) async throws -> Next {
    guard let running = try await running(route) else { throw Failure(noRoute: route) }
    return try await running.deliver(&message, ifRevisionIs: revision)
  }

  private func running(_ route: String) throws(Failure) -> RunningRoute? {
    guard stopGrace == nil else { throw .engineStops }
    return routes[route]
  }
}

extension Failure {
  /// That there is no such route.
  fileprivate init(noRoute id: String) { self.init(.rejected, "no route is called \"\(id)\"") }
}

extension RunningRoute {
  /// How it stands, while the store cannot be written because of `trouble`.
  fileprivate func status(_ trouble: Failure?) -> RouteStatus {
    let now = now
    var status = RouteStatus(
      id: id, description: now.built.description, source: summary, revision: now.revision.name, state: .started,
      pausedBy: gate.reasons, underWay: gate.underWay, notReady: nil)
    if !status.pausedBy.isEmpty { status.state = .paused }
    switch gate.control {
    case .started, .paused: break
    case .draining: status.state = .draining
    case .stopped:
      status.state = .stopped
      return status
    }
    switch phase {
    case .new, .starting: status.notReady = "the source is starting"
    case .ready: status.notReady = now.built.hindrance(trouble)
    case .ended: status.notReady = "the source has ended"
    case .broken(let failure):
      status.state = .broken
      status.notReady = "the source broke: \(failure)"
    }
    return status
  }
}

extension BuiltRoute {
  /// What keeps messages from being worked on although they are taken; nil where nothing does. A breaker that an operator
  /// holds open is as it is meant to be.
  fileprivate func hindrance(_ trouble: Failure?) -> String? {
    if needsStore, let trouble { return trouble.reason }
    if let problem = connections.lazy.compactMap(\.problem).first { return problem }
    let open = breakers.first { _, control in
      let status = control.status
      return status.state == .open && !status.isForced
    }
    return open.map { "the circuit breaker \($0.name) is open" }
  }
}
