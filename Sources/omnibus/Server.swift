internal import Glibc
internal import Logging
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusReactor

/// The engine of `omnibus run`, with what makes it load, reload and stop.
struct Server: Sendable {
  private let path: String
  private let grace: Duration
  private let logger: Logger
  private let logFormat: LogFormat
  private let reactors: ReactorGroup
  private let engine: Engine

  init(path: String, grace: Duration, reactors count: Int?, logFormat: LogFormat) throws {
    self.path = path
    self.grace = grace
    self.logFormat = logFormat
    logger = Logger(label: "omnibus")
    Heap.keepFreedMemory()
    reactors = try ReactorGroup(count: count)
    engine = Engine(plugins: plugins, environment: EngineEnvironment(reactors: reactors, logger: logger))
  }

  /// Runs until a signal ends it; false when the routes could not be started.
  func serve(signals: SignalReader, watch: Bool) async throws -> Bool {
    let started = MonotonicTime.now
    guard await load() else { return false }
    let milliseconds = Double((MonotonicTime.now - started) / 10_000) / 100
    let routes = await engine.running
    for route in routes { logger.info("route serves", metadata: ["route": "\(route.id)", "from": "\(route.summary)"]) }
    logger.notice("ready", metadata: ["routes": "\(routes.count)", "milliseconds": "\(milliseconds)"])

    let (events, continuation) = AsyncStream.makeStream(of: Int32.self)
    signals.read(on: reactors.reactors[0]) { continuation.yield($0) }
    let watcher =
      watch ? try FileWatcher.start(path, on: reactors.reactors[0]) { continuation.yield(SIGHUP) } : nil
    for await signal in events {
      if signal != SIGHUP { break }
      _ = await load()
    }
    watcher?.stop()
    logger.notice("stopping", metadata: ["grace": "\(grace.text)"])
    await engine.stop(grace: grace)
    logger.notice("stopped")
    return true
  }

  /// Applies the files as they are; reports what changed, or all that is wrong.
  private func load() async -> Bool {
    let files = RouteFiles(reading: path)
    do throws(Diagnostics) {
      let applied = try await engine.apply(files, grace: grace)
      guard applied.isChange else { return true }
      logger.notice(
        "routes applied",
        metadata: [
          "generation": "\(applied.generation)", "added": "\(applied.added.count)",
          "changed": "\(applied.changed.count)", "removed": "\(applied.removed.count)", "kept": "\(applied.kept.count)",
        ])
      return true
    } catch {
      report(error.all, files)
      logger.error("routes not applied, nothing was changed", metadata: ["problems": "\(error.all.count)"])
      return false
    }
  }

  /// Writes problems for people, or where logs are for machines a line each.
  private func report(_ problems: [Diagnostic], _ files: RouteFiles) {
    let renderer = DiagnosticRenderer(files: files, colour: Terminal.usesColour(STDERR_FILENO))
    for problem in problems {
      switch logFormat {
      case .text: Terminal.write(renderer.render(problem), to: STDERR_FILENO)
      case .json:
        logger.error(
          "problem in routes",
          metadata: ["code": "\(problem.code)", "place": "\(problem.location)", "problem": "\(problem.message)"])
      }
    }
  }
}
