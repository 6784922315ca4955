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
    FileDescriptors.raiseLimit()
    reactors = try ReactorGroup(count: count) { [logger] held in
      logger.warning(
        "a reactor is held",
        metadata: [
          "reactor": "\(held.reactor)", "for": "\(held.duration.text)", "activity": "\(held.activity ?? "unknown")",
        ])
    }
    engine = Engine(plugins: builtInPlugins, environment: EngineEnvironment(reactors: reactors, logger: logger))
  }

  /// Runs until a signal ends it; false when the routes could not be started. The same signal again
  /// ends the program at once; another may come from a supervisor that heard of the first.
  func serve(signals: SignalReader, watch: Bool) async -> Bool {
    let (events, tell) = AsyncStream.makeStream(of: Event.self)
    signals.read(on: reactors.reactors[0]) { tell.yield($0 == SIGHUP ? .changed : .stop($0)) }
    let watcher = watch ? startWatcher { tell.yield(.changed) } : nil
    defer { watcher?.stop() }
    let begin = MonotonicTime.now
    Task { tell.yield(await load() ? .ready : .failed) }
    var stops: Set<Int32> = []
    for await event in events {
      switch event {
      case .ready: await announce(since: begin)
      case .failed where !stops.isEmpty: break
      case .failed: return false
      case .changed where !stops.isEmpty: break
      case .changed: Task { await load() }
      case .stop(let signal):
        let isFirst = stops.isEmpty
        if !stops.insert(signal).inserted { exit(1) }
        guard isFirst else { continue }
        logger.notice("stopping", metadata: ["grace": "\(grace.text)"])
        Task {
          await engine.stop(grace: grace)
          tell.yield(.stopped)
        }
      case .stopped:
        logger.notice("stopped")
        return true
      }
    }
    return true
  }

  /// What the server is told.
  private enum Event {
    case ready, failed, changed, stopped
    case stop(Int32)
  }

  private func startWatcher(_ changed: @escaping @Sendable () -> Void) -> FileWatcher? {
    do throws(SystemError) {
      return try FileWatcher.start(path, on: reactors.reactors[0], changed: changed)
    } catch {
      logger.warning("changed files are not noticed, only SIGHUP reloads", metadata: ["reason": "\(error)"])
      return nil
    }
  }

  private func announce(since begin: UInt64) async {
    let milliseconds = Double((MonotonicTime.now - begin) / 10_000) / 100
    let routes = await engine.running
    for route in routes { logger.info("route serves", metadata: ["route": "\(route.id)", "from": "\(route.summary)"]) }
    logger.notice("ready", metadata: ["routes": "\(routes.count)", "milliseconds": "\(milliseconds)"])
  }

  /// Applies the files as they are; reports what changed, or all that is wrong.
  @discardableResult
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
