internal import OmnibusReactor

/// What is counted and measured of a step, and its spans.
final class StepMeters: Sendable {
  private let metrics: Metrics
  private let labels: Metrics.Labels
  private let duration: Histogram
  private let origin: Span.Origin

  /// The meters of a stage.
  init(_ stage: Block.Stage) {
    let context = stage.context
    metrics = context.metrics
    labels = [("route", context.route), ("step", context.step), ("component", stage.component)]
    duration = metrics.histogram(
      "omnibus_step_duration_seconds",
      "How long a step worked on a message, what it holds included; of one message in \(MessageWatch.period).", labels)
    origin = Span.Origin(
      context.step, stage.spanKind,
      [("omnibus.route", context.route), ("omnibus.step", context.step), ("omnibus.component", stage.component)])
  }

  /// Counts a message that failed here.
  func fail(_ kind: Failure.Kind) {
    metrics.counter(
      "omnibus_step_failures_total", "Messages that failed in a step, by the kind of failure.",
      labels + [("kind", kind.rawValue)]
    ).add()
  }

  /// Begins the step on a message that is watched: what it sends on from now on is within the step's span. Answers the
  /// context to go back to.
  func begin(_ message: inout Message) -> TraceContext? {
    let outer = message.trace
    if message.watch.contains(.traced) { message.trace = outer?.child(SpanID()) }
    return outer
  }

  /// Ends what `begin` began.
  func end(_ message: inout Message, _ outer: TraceContext?, from start: UInt64, _ kind: Failure.Kind?) -> UInt64 {
    let end = MonotonicTime.now
    if message.watch.contains(.timed) { duration.record(nanoseconds: end &- start) }
    if message.watch.contains(.traced), let trace = message.trace, let recording = trace.recording {
      recording.add(origin, trace, in: outer?.spanID, message.id, from: start, to: end, kind)
    }
    message.trace = outer
    return end
  }
}
