public import Omnibus
public import OmnibusHTTP

/// Answers `/metrics`.
public struct MetricsPage: Sendable {
  private let metrics: Metrics
  private let observations: [Observation]

  /// A page of `metrics`; what describes the program and the metrics themselves is added while the page exists.
  public init(_ metrics: Metrics, version: String) {
    self.metrics = metrics
    observations = [
      metrics.observe("omnibus_build_info", "The version of the program, as a label; always 1.", [("version", version)])
      {
        1
      },
      metrics.observe(
        "omnibus_metrics_refused_total", "Series that are not shown, as their family has too many already.",
        as: .counter
      ) { [weak metrics] in metrics.map { Double($0.refusedSeries) } },
    ]
  }

  /// All metrics as they are now.
  public func answer(_ request: HTTPRequest) async -> HTTPResponse {
    HTTPResponse(
      status: 200, headers: ["content-type": PrometheusText.contentType, "cache-control": "no-store"],
      body: .bytes(PrometheusText.write(metrics.read())))
  }
}
