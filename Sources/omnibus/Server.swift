internal import Glibc
internal import Logging
internal import Omnibus
internal import OmnibusEngine
internal import OmnibusReactor
internal import OmnibusStore

/// The engine of `omnibus run`, with what makes it load, reload and stop.
struct Server: Sendable {
  private let path: String
  private let sources: ConfigurationSources
  private let configuration: EngineConfiguration
  private let live: LiveSettings
  private let logger: Logger
  private let reactors: ReactorGroup
  private let installed: InstalledPlugins
  private let engine: Engine
  private let admin: AdminService
  private let store: StoreAccess
  private let telemetry: Telemetry
  private let phase: Phase
  /// What watches the files, where it is to.
  private let slot = WatcherSlot()
  /// Reading the configuration and the files, applying and taking over are one turn: what was read earlier never holds
  /// after what was read later.
  private let loads = Turns()

  /// The server of the routes in `path`, begun with `configuration`, which was read from `sources`.
  init(path: String, sources: ConfigurationSources, configuration: EngineConfiguration, live: LiveSettings) throws {
    self.path = path
    self.sources = sources
    self.configuration = configuration
    self.live = live
    logger = Logger(label: "omnibus")
    Heap.keepFreedMemory()
    FileDescriptors.raiseLimit()
    reactors = try ReactorGroup(count: configuration.options.reactors) { [logger] held in
      logger.warning(
        "a reactor is held",
        metadata: [
          "reactor": "\(held.reactor)", "for": "\(held.duration.text)", "activity": "\(held.activity ?? "unknown")",
        ])
    }
    installed = InstalledPlugins(loading: configuration.options.plugins)
    let limits = configuration.options.limits
    let meters = Telemetry.Meters(configuration.options.telemetry, reactors: reactors)
    var services = Services()
    services[Tracer.self] = meters.tracer
    store = StoreAccess(configuration, sources, SystemClock(reactors: reactors), meters.metrics)
    services[StoreAccess.self] = store
    let environment = EngineEnvironment(
      reactors: reactors, blocking: BlockingExecutor(threads: limits.blockingThreads), logger: logger,
      limits: limits.limits, metrics: meters.metrics, services: services)
    engine = Engine(plugins: installed.plugins, missing: installed.missing, environment: environment)
    phase = Phase()
    telemetry = Telemetry(
      configuration.options.telemetry, meters, engine: engine, environment: environment,
      data: configuration.options.data.directory(from: sources.directory)
    ) { [phase] in phase.reason }
    admin = AdminService(path: path, engine: engine, environment: environment, live: live, health: telemetry.health)
  }

  /// Runs until a signal ends it; false when the routes could not be started. The same signal again
  /// ends the program at once; another may come from a supervisor that heard of the first.
  func serve(signals: SignalReader) async -> Bool {
    let (events, tell) = AsyncStream.makeStream(of: Event.self)
    signals.read(on: reactors.reactors[0]) { tell.yield($0 == SIGHUP ? .changed("signal") : .stop($0)) }
    let watcher = configuration.options.watch ? startWatcher { tell.yield(.changed("files")) } : nil
    defer { watcher?.stop() }
    slot.set(watcher)
    let begin = MonotonicTime.now
    let starting = loads.add { await start() }
    Task { tell.yield(await starting.value ? .ready : .failed) }
    var stops: Set<Int32> = []
    for await event in events {
      switch event {
      case .ready:
        phase.set(.serving)
        await announce(since: begin)
      case .failed where !stops.isEmpty: break
      case .failed:
        await store.close()
        return false
      case .changed where !stops.isEmpty: break
      case .changed(let reason): _ = reload(reason)
      case .stop(let signal):
        let isFirst = stops.isEmpty
        if !stops.insert(signal).inserted { Program.end(1) }
        guard isFirst else { continue }
        phase.set(.stopping)
        let grace = live.grace
        logger.notice("stopping", metadata: ["grace": "\(grace.text)"])
        Task {
          // Letters that are replayed need routes: that ends first.
          admin.endJobs()
          let begin = MonotonicTime.now
          await engine.stop(grace: grace)
          let left = grace - .nanoseconds(Int64(clamping: MonotonicTime.now - begin))
          await admin.stop(grace: max(left, .seconds(1)))
          await telemetry.stop()
          await store.close()
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
    case ready, failed, stopped
    /// What made it look at the files.
    case changed(String)
    case stop(Int32)
  }

  private func startWatcher(_ changed: @escaping @Sendable () -> Void) -> FileWatcher? {
    do throws(SystemError) {
      return try FileWatcher.start(path, and: sources.paths, on: reactors.reactors[0], changed: changed)
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

  /// Begins, unless a plugin is missing that is not optional.
  private func start() async -> Bool {
    for problem in installed.problems where problem.severity == .warning {
      logger.warning(
        "a plugin is not loaded", metadata: ["place": "\(problem.location)", "problem": "\(problem.message)"])
    }
    let errors = installed.problems.filter { $0.severity == .error }
    guard errors.isEmpty else {
      let files = RouteFiles(reading: path)
      report(configuration.problems + errors + engine.check(files), configuration.files + files.files)
      return false
    }
    do throws(Failure) {
      try await telemetry.start()
    } catch {
      logger.error("metrics and health cannot be served", metadata: ["reason": "\(error.reason)"])
      return false
    }
    if configuration.problems.isEmpty {
      let isServed = await admin.start(configuration, directory: sources.directory, pages: telemetry.pages) {
        () throws(Diagnostics) in try await reload("admin").value.get()
      }
      guard isServed else { return false }
    }
    return (try? await load(configuration, reason: "start")) != nil
  }

  /// Reads the configuration and applies the files, when it is its turn.
  private func reload(_ reason: String) -> Task<Result<Applied, Diagnostics>, Never> {
    loads.add { () -> Result<Applied, Diagnostics> in
      do throws(Diagnostics) {
        return .success(try await load(EngineConfiguration(reading: sources), reason: reason))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Applies the files as they are, in a turn of `loads`; reports what changed, or all that is wrong. `reason` is what made it.
  private func load(_ read: EngineConfiguration, reason: String) async throws(Diagnostics) -> Applied {
    let files = RouteFiles(reading: path)
    do throws(Diagnostics) {
      guard read.problems.isEmpty else {
        engine.noteRefusedReload()
        throw Diagnostics(read.problems + engine.check(files))
      }
      let applied = try await engine.apply(files, grace: read.options.grace, reason: reason)
      slot.watcher?.follow(await engine.namedFiles)
      takeOver(read)
      guard applied.isChange else { return applied }
      logger.notice(
        "routes applied",
        metadata: [
          "generation": "\(applied.generation)", "added": "\(applied.added.count)",
          "changed": "\(applied.changed.count)", "removed": "\(applied.removed.count)", "kept": "\(applied.kept.count)",
        ])
      return applied
    } catch {
      // A file that is missing or wrong is watched, too: it may be what is mended next.
      slot.watcher?.follow(await engine.namedFiles)
      // Then it is given up, which nobody has to see to.
      if !phase.isStopping { report(error.all, read.files + files.files) }
      throw error
    }
  }

  /// Lets the new configuration hold as far as it can while the program runs, and says where it cannot.
  private func takeOver(_ read: EngineConfiguration) {
    let before = live.apply(read)
    admin.apply(read.options.admin)
    for (index, setting) in read.settings.enumerated() where setting.differs(from: before.settings[index]) {
      let place = setting.place.map { "\($0)" } ?? "default"
      if LiveSettings.keys.contains(setting.key) {
        logger.notice("a setting is applied", metadata: ["setting": "\(setting.key)", "place": "\(place)"])
      } else if setting.differs(from: configuration.settings[index]) {
        logger.warning("a setting needs a restart", metadata: ["setting": "\(setting.key)", "place": "\(place)"])
      }
    }
  }

  /// Writes problems for people, or where logs are for machines a line each.
  private func report(_ problems: [Diagnostic], _ files: [RouteFiles.File]) {
    let renderer = DiagnosticRenderer(files: RouteFiles(files), colour: Terminal.usesColour(STDERR_FILENO))
    for problem in problems {
      switch live.format {
      case .text: Terminal.write(renderer.render(problem), to: STDERR_FILENO)
      case .json:
        logger.error(
          "problem in files",
          metadata: ["code": "\(problem.code)", "place": "\(problem.location)", "problem": "\(problem.message)"])
      }
    }
    logger.error("routes not applied, nothing was changed", metadata: ["problems": "\(problems.count)"])
  }
}
