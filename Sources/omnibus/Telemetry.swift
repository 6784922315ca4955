internal import ArgumentParser
internal import Logging
internal import Omnibus
internal import OmnibusAdmin
internal import OmnibusEngine
internal import OmnibusReactor
internal import Synchronization

/// What the program tells of itself: metrics, health and traces.
final class Telemetry: Sendable {
  /// Metrics and what traces are gathered in, for the engine's environment.
  struct Meters: Sendable {
    let metrics: Metrics
    let tracer: Tracer?

    /// As `options` ask for, counted by `reactors`.
    init(_ options: TelemetryOptions, reactors: ReactorGroup) {
      metrics = Metrics(shards: reactors.reactors.count, measuresMessages: options.metrics)
      tracer = options.traces.map { Tracer(sample: Double($0.sample.percent) / 100) }
    }
  }

  /// The metrics as a page.
  let page: MetricsPage
  /// The health as pages.
  let health: Health
  private let options: TelemetryOptions
  private let environment: EngineEnvironment
  private let exporter: TraceExporter?
  private let observations: [Observation]
  private let store: StoreMetrics
  private let server = Mutex<TelemetryServer?>(nil)

  /// The telemetry of `engine`, which has `environment` and keeps what outlives it in the folder `data`. `phase` says why it is no use to look at routes now; nil where
  /// it is.
  init(
    _ options: TelemetryOptions, _ meters: Meters, engine: Engine, environment: EngineEnvironment,
    data: String, phase: @escaping @Sendable () -> String?
  ) {
    self.options = options
    self.environment = environment
    let version = OmnibusCommand.configuration.version
    page = MetricsPage(meters.metrics, version: version, blocking: environment.blocking)
    observations =
      ProcessMetrics.observe(meters.metrics) + ReactorMetrics.observe(meters.metrics, environment.reactors)
    store = StoreMetrics(environment, directory: data) { try await engine.deadLetters.counts() }
    exporter = meters.tracer.flatMap { tracer in
      options.traces.map { TraceExporter(tracer, $0, version: version, environment: environment) }
    }
    health = Health(reactors: environment.reactors, clock: environment.clock) {
      if let reason = phase() { return [Health.Problem(part: "engine", name: "", reason: reason)] }
      return await engine.status().compactMap { route in
        route.notReady.map { Health.Problem(part: "route", name: route.id, reason: $0) }
      }
    }
  }

  /// What is served with the admin API.
  var pages: [AdminPage] {
    [
      AdminPage("/metrics", "The metrics, for Prometheus.", produces: "text/plain", answer: page.answer),
      AdminPage(
        "/health/live", "Whether the engine runs.", produces: "application/json", isOpen: true, answer: health.live),
      AdminPage("/health/ready", "What is not ready.", produces: "application/json", answer: health.ready),
    ]
  }

  /// Begins to serve and to send; throws a `Failure` where the address cannot be had.
  func start() async throws(Failure) {
    exporter?.start(on: environment.reactors)
    guard let address = options.listen else { return }
    let server = try await TelemetryServer.start(address, metrics: page, health: health, environment: environment)
    self.server.withLock { $0 = server }
    environment.logger.notice("metrics and health are served", metadata: ["listen": "\(server.address)"])
  }

  /// Sends what is left, and ends.
  func stop() async {
    await exporter?.stop()
    await server.withLock { $0 }?.stop()
  }
}
