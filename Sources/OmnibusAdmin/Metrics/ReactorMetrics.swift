public import Omnibus
public import OmnibusReactor

/// What the reactors do with their time.
public enum ReactorMetrics {
  /// Shows it as long as what is returned exists.
  public static func observe(_ metrics: Metrics, _ reactors: ReactorGroup) -> [Observation] {
    reactors.reactors.flatMap { reactor in
      let labels = [(name: "reactor", value: "\(reactor.index)")]
      func counter(_ name: String, _ help: String, _ value: @escaping @Sendable (Reactor) -> Double) -> Observation {
        metrics.observe(name, help, labels, as: .counter) { [weak reactor] in reactor.map(value) }
      }
      return [
        counter("omnibus_reactor_turns_total", "How often a reactor has looked for what is ready.") {
          Double($0.load.turns)
        },
        counter("omnibus_reactor_jobs_total", "Pieces of work that a reactor has begun.") { Double($0.load.pieces) },
        counter("omnibus_reactor_busy_seconds_total", "CPU time of a reactor's thread.") {
          Double($0.load.busyNanoseconds) / 1e9
        },
        counter("omnibus_reactor_holds_total", "Pieces of work that held a reactor for longer than 100 ms.") {
          Double($0.load.holds)
        },
        metrics.observe(
          "omnibus_reactor_longest_hold_seconds",
          "The longest time since the start for which one piece of work held a reactor, to 25 ms.", labels
        ) { [weak reactor] in reactor.map { Double($0.load.longestHold) / 1e9 } },
      ]
    }
  }
}
