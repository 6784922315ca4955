public import Omnibus
public import OmnibusEngine
internal import OmnibusHTTP
internal import OmnibusReactor

/// Serves metrics and health to everybody who can reach its address: they can be read there, and nothing can be done.
public final class TelemetryServer: Sendable {
  /// The port that is listened on.
  public var port: UInt16 { listener.port }
  /// The address that is listened on.
  public var address: String { "\(listener.address)" }
  private let listener: HTTPListener
  private let clock: any EngineClock

  /// Begins to serve at `address`. Throws a `Failure` where that cannot be had.
  public static func start(
    _ address: String, metrics: MetricsPage, health: Health, environment: EngineEnvironment
  ) async throws(Failure) -> TelemetryServer {
    var limits = environment.limits.http
    limits.maxConnections = min(limits.maxConnections, 64)
    do {
      guard let resolved = try await SocketAddress.resolve(address, on: environment.blocking).first else {
        throw Failure(.unavailable, "\(address) has no address")
      }
      return TelemetryServer(
        try HTTPListener.open(resolved, reactors: environment.reactors, limits: limits, metrics: environment.metrics),
        try pages(metrics, health), environment.clock)
    } catch let error as NameLookupError {
      throw Failure(.unavailable, "cannot listen on \(address): \(error.reason)", cause: error)
    } catch let error as SystemError {
      throw Failure(.unavailable, "cannot listen on \(address): \(error)", cause: error)
    } catch {
      throw Failure(error)
    }
  }

  private init(_ listener: HTTPListener, _ pages: [HTTPEndpoint], _ clock: any EngineClock) {
    self.listener = listener
    self.clock = clock
    for page in pages { _ = listener.add(page) }
  }

  /// Ends, when all requests are answered, and after five seconds at the latest.
  public func stop() async {
    let listener = listener
    await Ending.run(within: .seconds(5), clock) { await listener.close() }
  }

  private static func pages(_ metrics: MetricsPage, _ health: Health) throws -> [HTTPEndpoint] {
    let pages: [(String, HTTPEndpoint.Handler)] = [
      ("/metrics", metrics.answer), ("/health/live", health.live), ("/health/ready", health.ready),
    ]
    return try pages.map { path, answer in
      HTTPEndpoint(method: "GET", path: try PathPattern(path), maxBody: 0, handler: answer)
    }
  }
}
