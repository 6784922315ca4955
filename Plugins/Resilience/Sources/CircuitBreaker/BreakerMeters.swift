internal import Omnibus

/// What is counted of a circuit breaker, by its name.
struct BreakerMeters: Sendable {
  private let states: [(state: BreakerStatus.State, gauge: Gauge)]
  let succeeded: Counter
  let failed: Counter
  let givenUp: Counter
  let slow: Counter
  let refused: Counter

  init(_ name: String, _ metrics: Metrics) {
    let label = (name: "breaker", value: name)
    states = BreakerStatus.State.allCases.map { state in
      let labels = [label, (name: "state", value: state.rawValue)]
      return (state, metrics.gauge("omnibus_breaker_state", "Whether a circuit breaker is in this state.", labels))
    }
    func calls(_ outcome: String) -> Counter {
      metrics.counter(
        "omnibus_breaker_calls_total", "Calls that a circuit breaker let pass, by how they ended.",
        [label, (name: "outcome", value: outcome)])
    }
    succeeded = calls("success")
    failed = calls("failure")
    givenUp = calls("cancelled")
    slow = metrics.counter(
      "omnibus_breaker_slow_calls_total", "Calls that took longer than a circuit breaker calls slow.", [label])
    refused = metrics.counter("omnibus_breaker_refused_total", "Calls that a circuit breaker refused.", [label])
  }

  func show(_ present: BreakerStatus.State) { for (state, gauge) in states { gauge.set(state == present ? 1 : 0) } }
}
