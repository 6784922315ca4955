public import Omnibus
public import OmnibusHTTP
public import OmnibusReactor
internal import Synchronization

/// Answers `/metrics`. One text is written at a time, and never on a reactor: those who ask meanwhile get the same.
public final class MetricsPage: Sendable {
  private let metrics: Metrics
  private let blocking: BlockingExecutor
  private let writing = Mutex<Task<[UInt8]?, Never>?>(nil)
  private let observations: [Observation]

  /// A page of `metrics`; what describes the program and the metrics themselves is added while the page exists.
  public init(_ metrics: Metrics, version: String, blocking: BlockingExecutor) {
    self.metrics = metrics
    self.blocking = blocking
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
    guard let text = await text() else { return HTTPResponse(status: 503) }
    return HTTPResponse(
      status: 200, headers: ["content-type": PrometheusText.contentType, "cache-control": "no-store"],
      body: .bytes(text))
  }

  private func text() async -> [UInt8]? {
    let task = writing.withLock { current -> Task<[UInt8]?, Never> in
      if let current { return current }
      let task = Task { [self] in
        let metrics = metrics
        let text = try? await blocking.run { PrometheusText.write(metrics.read()) }
        writing.withLock { $0 = nil }
        return text
      }
      current = task
      return task
    }
    return await task.value
  }
}
