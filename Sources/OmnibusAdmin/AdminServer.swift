internal import Logging
public import Omnibus
public import OmnibusEngine
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// Serves the admin API, and pages beside it.
public final class AdminServer: Sendable {
  /// What a client may take of the listener: few connections, and little memory.
  private static func limits(_ limits: HTTPLimits) -> HTTPLimits {
    var limits = limits
    limits.maxConnections = min(limits.maxConnections, 256)
    limits.memory = 64 << 20
    return limits
  }

  /// The port that is listened on.
  public var port: UInt16 { listener.port }
  /// The address that is listened on.
  public var address: String { "\(listener.address)" }

  private let listener: HTTPListener
  private let router: AdminRouter
  private let jobs: AdminJobs
  private let clock: any EngineClock
  private let stopSignal = StopSignal()
  private let freshness: Task<Void, Never>?

  /// Begins to serve. Relative paths of `options` start at `directory`. Throws a `Failure` where the address cannot be
  /// had, where it can be reached by others and nobody would have to log in, or where the certificates cannot be used.
  public static func start(
    _ options: AdminOptions, directory: String, operations: AdminOperations, pages: [AdminPage] = [],
    environment: EngineEnvironment
  ) async throws(Failure) -> AdminServer {
    let address = try await resolve(options, environment)
    guard address.isLoopback || (options.tls != nil && !options.tokens.isEmpty && options.anonymousRights.isEmpty)
    else {
      throw Failure(
        .invalid,
        "the admin API can be reached by other machines at \(options.listen), and needs tls and tokens for that")
    }
    var tls: TLSServer?
    if let configuration = options.tls?.configuration(in: directory, protocols: ["http/1.1"]) {
      do {
        tls = try await environment.blocking.run { try TLSServer(configuration) }
      } catch {
        throw Failure(.unavailable, "cannot serve https: \(error)")
      }
    }
    do throws(SystemError) {
      let listener = try HTTPListener.open(
        address, reactors: environment.reactors, limits: limits(environment.limits.http),
        metrics: environment.metrics, isShared: false)
      return AdminServer(listener, options, tls, operations, pages, environment)
    } catch {
      throw Failure(.unavailable, "cannot listen on \(options.listen): \(error)", cause: error)
    }
  }

  private init(
    _ listener: HTTPListener, _ options: AdminOptions, _ tls: TLSServer?, _ operations: AdminOperations,
    _ pages: [AdminPage], _ environment: EngineEnvironment
  ) {
    self.listener = listener
    jobs = AdminJobs(environment)
    clock = environment.clock
    let tls = listener.secure(tls)
    let stop = stopSignal
    freshness = tls.map { tls in
      Task { await tls.keepFresh(environment.clock, environment.blocking, environment.logger, until: stop) }
    }
    let endpoints =
      AdminEndpoint.engine(operations) + AdminEndpoint.routes(operations) + AdminEndpoint.generations(operations)
      + AdminEndpoint.breakers(operations) + AdminEndpoint.queues(operations) + AdminEndpoint.deadLetters(operations)
      + AdminEndpoint.deadLetterJobs(operations, jobs)
    router = AdminRouter(
      endpoints, pages, version: operations.version, access: AdminAccess(options).at(listener.address), environment)
    for endpoint in router.served { _ = listener.add(endpoint) }
  }

  /// Lets in who `access` says from the next request on; only with a token where other machines can reach the address
  /// that is listened on, whatever address options have by now.
  public func use(_ access: AdminAccess) { router.use(access.at(listener.address)) }

  /// Begins no more jobs, and lets those that run end after the letter that they are at; does not wait for it.
  public func endJobs() { jobs.end() }

  /// Ends jobs after the letter that they are at, and returns when all requests are answered, after `grace` at the
  /// latest: what is under way then is given up.
  public func stop(grace: Duration = .seconds(5)) async {
    stopSignal.signal()
    let (jobs, listener, freshness) = (jobs, listener, freshness)
    await Ending.run(within: grace, clock) {
      await jobs.close()
      await listener.close()
      await freshness?.value
    }
  }

  private static func resolve(
    _ options: AdminOptions, _ environment: EngineEnvironment
  ) async throws(Failure) -> SocketAddress {
    do {
      guard let address = try await SocketAddress.resolve(options.listen, on: environment.blocking).first else {
        throw Failure(.unavailable, "\(options.listen) has no address")
      }
      return address
    } catch let error as NameLookupError {
      throw Failure(.unavailable, "cannot listen on \(options.listen): \(error.reason)", cause: error)
    } catch {
      throw Failure(error)
    }
  }
}
