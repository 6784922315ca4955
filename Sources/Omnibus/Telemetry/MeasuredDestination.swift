internal import OmnibusReactor

/// A destination whose calls are counted and timed, each attempt as one.
package struct MeasuredDestination: Step {
  private let step: any Step
  private let metrics: Metrics
  private let labels: Metrics.Labels
  private let succeeded: Counter
  private let duration: Histogram

  /// Counts the calls of `step` as those of `connector`.
  package init(_ step: any Step, connector: String, _ context: Context) {
    self.step = step
    metrics = context.metrics
    labels = [("route", context.route), ("step", context.step), ("connector", connector)]
    succeeded = Self.counter("success", metrics, labels)
    duration = metrics.histogram(
      "omnibus_destination_call_duration_seconds", "How long a destination took for a call.", labels)
  }

  package func process(_ message: inout Message, _ context: Context) async throws -> Next {
    let start = MonotonicTime.now
    defer { duration.record(nanoseconds: MonotonicTime.now &- start) }
    do {
      let next = try await step.process(&message, context)
      succeeded.add()
      return next
    } catch {
      Self.counter(Failure(error).kind.rawValue, metrics, labels).add()
      throw error
    }
  }

  private static func counter(_ outcome: String, _ metrics: Metrics, _ labels: Metrics.Labels) -> Counter {
    metrics.counter(
      "omnibus_destination_calls_total", "Calls of a destination, by outcome: success, or the kind of failure.",
      labels + [("outcome", outcome)])
  }
}
