public import Logging

extension Message {
  /// What a log line about this message says of it: its id and, where it is traced, the trace and the span that it is in.
  public var logMetadata: Logger.Metadata {
    var metadata: Logger.Metadata = ["message_id": "\(id)"]
    if let trace {
      metadata["trace_id"] = "\(trace.traceID)"
      metadata["span_id"] = "\(trace.spanID)"
    }
    return metadata
  }
}
