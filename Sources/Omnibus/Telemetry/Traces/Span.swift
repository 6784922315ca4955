/// What one message did in one route or one step: a piece of a trace.
public struct Span: Sendable {
  /// What all spans of a route or a step have in common; made when that is.
  public final class Origin: Sendable {
    /// What a span is to those beside it, with the numbers of OTLP.
    public enum Kind: Int, Sendable {
      /// Work within the engine.
      case `internal` = 1
      /// A message whose sender waits for the answer.
      case server = 2
      /// A call of another system, which is waited for.
      case client = 3
      /// A message that is handed on, and not waited for.
      case producer = 4
      /// A message that somebody handed on before, and does not wait for.
      case consumer = 5
    }

    /// What it is called: the id of the route, or of the step.
    public let name: String
    /// What it is to those beside it.
    public let kind: Kind
    /// What is known beforehand: names and texts. Nothing of a message.
    public let attributes: [(name: String, value: String)]

    init(_ name: String, _ kind: Kind, _ attributes: [(name: String, value: String)]) {
      self.name = name
      self.kind = kind
      self.attributes = attributes
    }
  }

  /// Names the trace.
  public let traceID: TraceID
  /// Names it within the trace.
  public let spanID: SpanID
  /// The span that it is within, also that of another system; nil for the first of a trace.
  public let parentID: SpanID?
  /// The `tracestate` of the trace.
  public let state: String
  /// What was done.
  public let origin: Origin
  /// The message.
  public let message: MessageID
  /// Nanoseconds since 1970 at which it began.
  public let start: UInt64
  /// Nanoseconds since 1970 at which it ended.
  public let end: UInt64
  /// What it failed with; nil for a success.
  public let failure: Failure.Kind?
}
