internal import ArgumentParser
internal import Logging
internal import Omnibus
internal import OmnibusAdmin
internal import OmnibusEngine
internal import OmnibusReactor
internal import OmnibusStore
internal import Synchronization

/// The admin API of `omnibus run`.
final class AdminService: Sendable {
  private let path: String
  private let engine: Engine
  private let environment: EngineEnvironment
  private let live: LiveSettings
  private let health: Health
  private let server = Mutex<AdminServer?>(nil)

  /// The API of `engine`, which serves the routes in `path`.
  init(path: String, engine: Engine, environment: EngineEnvironment, live: LiveSettings, health: Health) {
    self.path = path
    self.engine = engine
    self.environment = environment
    self.live = live
    self.health = health
  }

  /// Begins to serve as `configuration` says; relative paths in it start at `directory`. False where it cannot although
  /// somebody wrote that it shall: without a word of it in the configuration, an engine of its own beside others on the
  /// machine does without.
  func start(
    _ configuration: EngineConfiguration, directory: String, pages: [AdminPage],
    reload: @escaping @Sendable () async throws(Diagnostics) -> Applied
  ) async -> Bool {
    guard configuration.options.admin.enabled else { return true }
    do throws(Failure) {
      let server = try await AdminServer.start(
        configuration.options.admin, directory: directory, operations: operations(reload), pages: pages,
        environment: environment)
      environment.logger.info("admin API serves", metadata: ["address": "\(server.address)"])
      self.server.withLock { $0 = server }
      return true
    } catch {
      let isWritten = configuration.settings.contains { $0.key.hasPrefix("admin.") && $0.place != nil }
      environment.logger.log(
        level: isWritten ? .error : .warning, "admin API not served", metadata: ["reason": "\(error.reason)"])
      return !isWritten
    }
  }

  /// Lets in who `options` say from now on.
  func apply(_ options: AdminOptions) { server.withLock { $0 }?.use(AdminAccess(options)) }

  /// Lets jobs end after the letter that they are at.
  func endJobs() { server.withLock { $0 }?.endJobs() }

  /// Ends it, within `grace`.
  func stop(grace: Duration) async { await server.withLock { $0.take() }?.stop(grace: grace) }

  private func operations(
    _ reload: @escaping @Sendable () async throws(Diagnostics) -> Applied
  ) -> AdminOperations {
    let (engine, environment, live, health) = (engine, environment, live, health)
    return AdminOperations(
      version: OmnibusCommand.configuration.version, isReady: { await health.isReady() },
      routes: { await engine.status() },
      control: { action, route, grace in
        switch action {
        case .start: try await engine.start(route: route)
        case .pause: try await engine.pause(route)
        case .resume: try await engine.resume(route)
        case .drain: try await engine.drain(route, grace: grace)
        case .stop: try await engine.stop(route: route, grace: grace)
        }
      }, reload: reload, plan: { [self] files in try await plan(files) },
      rollback: { try await engine.rollback(to: $0, grace: live.grace) },
      generations: { try await engine.generations() }, breakers: { await engine.breakers() },
      force: { try await engine.force(breaker: $0, $1) },
      store: { try environment.services[StoreAccess.self]?.present }, deadLetters: { try engine.deadLetters },
      configuration: { live.settings }, logLevel: { live.logLevel }, setLogLevel: { live.setLevel($0) },
      grace: { live.grace })
  }

  /// Reads and builds on threads of its own: reactors have messages to work on.
  private func plan(_ files: [RouteFiles.File]?) async throws -> Applied {
    let (path, engine) = (path, engine)
    let read = try await environment.blocking.run { RouteFiles(reading: path) }
    guard let files else { return try await engine.plan(read) }
    let placed = files.map { RouteFiles.File(path: Self.place(of: $0.path, in: read, path), bytes: $0.bytes) }
    return try await engine.plan(RouteFiles(placed, of: read.folder))
  }

  /// What a file that was sent is called here, so that what is in it is compared with the same file of this folder.
  private static func place(of sent: String, in read: RouteFiles, _ path: String) -> String {
    guard let folder = read.folder else { return path }
    return folder.hasSuffix("/") ? folder + sent : "\(folder)/\(sent)"
  }
}
