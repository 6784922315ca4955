/// Where a message stands in a trace that may span many systems (W3C Trace Context, Recommendation of 23 November 2021).
public final class TraceContext: Sendable {
  /// Names the trace.
  public let traceID: TraceID
  /// Names the span that the message is within: the sender's where this came in, else the route's or the step's.
  public let spanID: SpanID
  /// Whether somebody before us, or we, record the trace.
  public let isSampled: Bool
  /// What tracing systems hand along (`tracestate`, 3.3); empty where there is nothing.
  public let state: String
  /// Where spans go that this engine records; nil where it records none.
  let recording: SpanRecording?

  init(
    traceID: TraceID, spanID: SpanID, isSampled: Bool, state: String = "", recording: SpanRecording? = nil
  ) {
    self.traceID = traceID
    self.spanID = spanID
    self.isSampled = isSampled
    self.state = state
    self.recording = recording
  }

  /// The context in the fields `traceparent` and `tracestate`. Nil where there is none, more than one, or one that is
  /// not as the specification has it: the trace begins anew then, as 4.3 asks for. A `tracestate` that is malformed is
  /// left out by itself.
  public convenience init?(_ headers: Headers) {
    guard let parent = headers.withValue(of: "traceparent", TraceParent.parse) ?? nil,
      headers.values("traceparent").count == 1
    else { return nil }
    self.init(
      traceID: parent.traceID, spanID: parent.spanID, isSampled: parent.isSampled,
      state: TraceState.joined(headers.values("tracestate")) ?? "")
  }

  /// The value of `traceparent`: version 00 (3.2.2).
  public var parent: String { "00-\(traceID)-\(spanID)-\(isSampled ? "01" : "00")" }

  /// Adds the fields `traceparent` and, where there is one, `tracestate`, in place of what was there.
  public func write(to headers: inout Headers) {
    headers["traceparent"] = parent
    headers["tracestate"] = state.isEmpty ? nil : state
  }

  /// A span within this one.
  func child(_ span: SpanID) -> TraceContext {
    TraceContext(traceID: traceID, spanID: span, isSampled: isSampled, state: state, recording: recording)
  }
}
