internal import Glibc
internal import Omnibus
public import OmnibusEngine
internal import OmnibusReactor
internal import Synchronization

/// What is known of the store's dead letters and of its disk. Letters are counted when metrics are read that are older than a
/// second, beside whoever reads, who gets the counts of before.
public final class StoreMetrics: Sendable {
  private struct State {
    var asked: UInt64?
    /// What shows the counts, as they were last.
    var shown: Metrics?
    var observations: [Observation] = []
  }

  private static let pause = Duration.seconds(1)

  private let metrics: Metrics
  private let environment: EngineEnvironment
  private let counts: @Sendable () async throws -> [String: Int]
  private let state = Mutex(State())

  /// Shows what `counts` answers by route, and the room of the disk of `directory`, as long as it exists.
  public init(
    _ environment: EngineEnvironment, directory: String, counts: @escaping @Sendable () async throws -> [String: Int]
  ) {
    metrics = environment.metrics
    self.environment = environment
    self.counts = counts
    let room = metrics.observe(
      "omnibus_data_free_bytes", "Room on the disk of the data directory, for users who are not root."
    ) { [weak self] in
      self?.note()
      return Self.room(directory)
    }
    state.withLock { $0.observations = [room] }
  }

  /// The room on the disk of a folder, or of the one that it would be made in.
  private static func room(_ directory: String) -> Double? {
    var path = directory
    var status = statvfs()
    while statvfs(path, &status) != 0 {
      guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else { return nil }
      path = String(path[..<slash])
    }
    return Double(status.f_bavail) * Double(status.f_frsize)
  }

  private func note() {
    let now = environment.clock.now
    let isDue = state.withLock { state in
      if let asked = state.asked, now &- asked < Self.pause.nanosecondsClamped { return false }
      state.asked = now
      return true
    }
    guard isDue else { return }
    Task(executorPreference: environment.reactors.next()) { [weak self, counts] in
      // Where the store does not answer, the counts stand as they were.
      guard let counts = try? await counts() else { return }
      self?.show(counts)
    }
  }

  private func show(_ counts: [String: Int]) {
    let next = metrics.scope()
    for (route, count) in counts {
      next.gauge("omnibus_dead_letters", "Dead letters that are kept, by route.", [("route", route)]).set(count)
    }
    // Those of before go out of the lock.
    let former = state.withLock { state in
      defer { state.shown = next }
      return state.shown
    }
    withExtendedLifetime(former) {}
  }
}
