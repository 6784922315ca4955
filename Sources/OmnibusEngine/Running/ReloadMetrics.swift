internal import Omnibus

/// What is counted of applies.
struct ReloadMetrics: Sendable {
  let failed: Counter
  private let changed: Counter
  private let unchanged: Counter
  private let lastSuccess: Gauge
  private let generation: Gauge
  private let clock: any EngineClock

  init(_ environment: EngineEnvironment) {
    let metrics = environment.metrics
    func counter(_ outcome: String) -> Counter {
      metrics.counter(
        "omnibus_reloads_total", "Applies of route files, by what came of them.", [("outcome", outcome)])
    }
    failed = counter("failed")
    changed = counter("changed")
    unchanged = counter("unchanged")
    lastSuccess = metrics.gauge(
      "omnibus_reload_last_success_timestamp_seconds", "When route files were applied last, in seconds since 1970.")
    generation = metrics.gauge("omnibus_generation", "The number of the generation of routes that runs.")
    clock = environment.clock
  }

  /// Counts an apply that succeeded.
  func applied(_ applied: Applied) {
    (applied.isChange ? changed : unchanged).add()
    lastSuccess.set(Int(clock.wallTime))
    generation.set(applied.generation)
  }
}
