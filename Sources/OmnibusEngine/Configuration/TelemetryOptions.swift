public import Omnibus
internal import OmnibusReactor

/// What is told of the engine, and where: `telemetry` of `omnibus.yaml`.
public struct TelemetryOptions: Options {
  /// Where metrics and health are served to everybody; nil for nowhere but with the admin API.
  @Option(
    help: "an address at which /metrics and /health are served to everybody, and nothing else is",
    default: "none, they are served with the admin API",
    check: { $0.map { SocketAddress.split($0) == nil ? "is host:port, such as 0.0.0.0:9641" : nil } ?? nil })
  public var listen: String? = nil

  /// Whether messages are counted and measured.
  @Option(help: "count and measure messages by route, step and destination")
  public var metrics: Bool = true

  /// Where traces go.
  @Option(help: "where traces are sent", default: "nowhere; the trace context of a message is handed on all the same")
  public var traces: TraceOptions? = nil

  /// The defaults.
  public init() {}
}
