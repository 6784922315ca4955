internal import OmnibusReactor
internal import Synchronization

/// The spans of one trace in this engine, while they are recorded.
final class SpanRecording: Sendable {
  private let tracer: Tracer
  /// Nanoseconds from the start of the monotonic clock back to 1970: one moment of the calendar for all spans, whose times
  /// then agree with each other whatever becomes of the calendar.
  private let origin: UInt64
  private let spans = Atomic<Int>(0)

  init(_ tracer: Tracer, wallTime: Double) {
    self.tracer = tracer
    origin = UInt64(max(wallTime, 0) * 1e9) &- MonotonicTime.now
  }

  /// Takes a span that has ended; `start` and `end` are of the monotonic clock.
  func add(
    _ origin: Span.Origin, _ context: TraceContext, in parent: SpanID?, _ message: MessageID, from start: UInt64,
    to end: UInt64, _ failure: Failure.Kind?
  ) {
    guard spans.wrappingAdd(1, ordering: .relaxed).oldValue < Tracer.maxSpans else { return tracer.drop() }
    tracer.add(
      Span(
        traceID: context.traceID, spanID: context.spanID, parentID: parent, state: context.state, origin: origin,
        message: message, start: self.origin &+ start, end: self.origin &+ end, failure: failure))
  }
}
