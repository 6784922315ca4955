public import Omnibus

/// The keys of `omnibus.yaml`: what holds for the engine as a whole.
public struct EngineOptions: Options {
  /// Shared libraries with plugins of others.
  @Option(help: "shared libraries with further plugins, loaded at the start", default: .code("[]"))
  public var plugins: [PluginLibrary] = []

  /// What is logged.
  @Option(help: "what is logged, and how")
  public var log: EngineLogOptions = EngineLogOptions()

  /// How many reactors run, nil for one a processor.
  @Option(
    help: "threads that messages run on, 1 to 1024", default: "one for each processor",
    check: { $0.map((1...1024).contains) ?? true ? nil : "is out of range, 1 to 1024" })
  public var reactors: Int? = nil

  /// How long messages under way have to finish when routes end.
  @Option(
    help: "how long messages under way have to finish when the engine stops, or their route is changed or removed",
    range: .zero ... .seconds(86_400))
  public var grace: Duration = .seconds(30)

  /// Whether changed files are taken over by themselves.
  @Option(help: "take over changed files by themselves, as SIGHUP does")
  public var watch: Bool = true

  /// Where and for whom the admin API is served.
  @Option(help: "the admin API, metrics and health")
  public var admin: AdminOptions = AdminOptions()

  /// Where what outlives the engine is kept.
  @Option(help: "where queues, dead letters, keys and generations are kept")
  public var data: DataOptions = DataOptions()

  /// What is told of the engine, and where.
  @Option(help: "metrics, health and traces")
  public var telemetry: TelemetryOptions = TelemetryOptions()

  /// What components may take.
  @Option(help: "what clients and components may take at the most")
  public var limits: EngineLimitOptions = EngineLimitOptions()

  /// The defaults.
  public init() {}
}
