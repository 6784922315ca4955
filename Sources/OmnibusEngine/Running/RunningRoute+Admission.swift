internal import Omnibus

extension RunningRoute {
  /// Leave for the source to take a message where nothing is to be waited for, else nil.
  func admitAtOnce() -> Admission? { stopSignal.isStopped || !now.built.admitting.isEmpty ? nil : gate.admit([]) }

  /// Leave for the source to take a message: waits while there is a reason to take none, and for a place in each of the
  /// route's middleware that has so many, the outermost first. Nil once the source is to stop.
  func admit() async throws -> Admission? {
    while try await gate.waitUntilOpen(unless: stopSignal) {
      let built = now.built
      var permits: [Permit] = []
      do {
        for middleware in built.admitting {
          guard let permit = try await permit(of: middleware, built.context) else { break }
          permits.append(permit)
        }
      } catch {
        for permit in permits { permit.end() }
        throw error
      }
      // The route may have been paused, or have been given a stop, while the permits were waited for.
      if !stopSignal.isStopped, let admission = gate.admit(permits) { return admission }
      for permit in permits { permit.end() }
    }
    return nil
  }

  /// A permit, or nil once the source is to stop.
  private func permit(of middleware: any AdmittingMiddleware, _ context: Context) async throws -> Permit? {
    try await withThrowingTaskGroup(of: Permit?.self) { group in
      group.addTask { try await middleware.admit(context) }
      group.addTask { [stopSignal] in
        await stopSignal.wait()
        return nil
      }
      defer { group.cancelAll() }
      let first = try await group.next() ?? nil
      group.cancelAll()
      // A permit that was given at the moment of the stop has to go back.
      while let other = await group.nextResult() { if case .success(let late?) = other, first == nil { late.end() } }
      return first
    }
  }
}
