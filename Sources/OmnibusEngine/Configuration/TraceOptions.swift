public import Omnibus

/// Where traces are sent, and how many: `telemetry.traces` of `omnibus.yaml`.
public struct TraceOptions: Options {
  /// The address that takes traces by OTLP/HTTP.
  @Option(
    help: "where traces are sent, by OTLP/HTTP with JSON: http://127.0.0.1:4318/v1/traces",
    check: { url in
      guard let scheme = ["http://", "https://"].first(where: { url.hasPrefix($0) && url.count > $0.count }) else {
        return "starts with http:// or https://, and names a host"
      }
      // It would stand in the clear wherever the configuration is shown.
      return url.dropFirst(scheme.count).prefix { !"/?#".contains($0) }.contains("@")
        ? "holds no user and password, which headers: { authorization: \"${env:NAME}\" } does" : nil
    })
  public var endpoint: String

  /// How many of the messages that begin a trace are traced.
  @Option(
    help: "how many of the messages that come without a trace begin one that is recorded; those that come with one are "
      + "recorded where the sender records them",
    range: Percentage(percent: 0)...Percentage(percent: 100))
  public var sample: Percentage = Percentage(percent: 1)

  /// Fields that are sent along.
  @Option(help: "headers to send with the traces, such as authorization", default: "none")
  public var headers: OptionMap<Secret> = OptionMap()

  /// What the engine calls itself.
  @Option(help: "the name of the service in traces (service.name)")
  public var serviceName: String = "omnibus"

  /// None.
  public init() {}
}
