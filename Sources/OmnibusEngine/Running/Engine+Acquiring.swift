internal import Omnibus

extension Engine {
  /// What a route needs before it takes messages.
  private struct Need: Sendable {
    let route: RouteLoader.Loaded
    /// What it is of the route, for people; nothing for the source.
    var name = ""
    let acquire: @Sendable () async throws -> Void
  }

  /// Lets new sources acquire what may fail, and has the steps of new revisions connect: all at once, as each may take a
  /// while. Reports what is refused; that is tried again once the others are through, which may have made what it needs.
  /// Is over when the engine stops or it is given up, and then refuses all.
  func acquire(
    _ sources: [RouteLoader.Loaded], _ connected: [RouteLoader.Loaded], unless givenUp: StopSignal
  ) async throws(Diagnostics) {
    let needs =
      sources.compactMap { route in route.built.map { Need(route: route, acquire: $0.source.prepare) } }
      + connected.flatMap { route in
        (route.built?.connections ?? []).map { connection in
          Need(
            route: route, name: "\(connection.name) (step \(connection.stepID)): ", acquire: connection.step.prepare)
        }
      }
    guard !needs.isEmpty else { return }
    let work = Task {
      let refused = await Self.refused(needs)
      guard !refused.isEmpty, refused.count < needs.count else { return refused }
      return await Self.refused(refused.map(\.need))
    }
    let observers = [stops, givenUp].map { signal in (signal, signal.onStop { work.cancel() }) }
    let refused = await work.value
    for (signal, observer) in observers { signal.remove(observer) }
    guard !stops.isStopped else { throw .engineStops }
    guard !givenUp.isStopped else { throw .givenUp }
    guard refused.isEmpty else { throw Diagnostics(refused.map(\.problem).sortedAndUnique) }
  }

  private static func refused(_ needs: [Need]) async -> [(need: Need, problem: Diagnostic)] {
    await withTaskGroup { group in
      for need in needs {
        group.addTask { () -> (Need, Diagnostic)? in
          do {
            try await need.acquire()
            return nil
          } catch {
            let reason = (error as? Failure)?.reason ?? "\(error)"
            let message = "route \"\(need.route.id)\" cannot start: \(need.name)\(reason)"
            return (need, Diagnostic("cannot-start", at: need.route.place, message))
          }
        }
      }
      return await group.reduce(into: []) { if let refused = $1 { $0.append(refused) } }
    }
  }
}
