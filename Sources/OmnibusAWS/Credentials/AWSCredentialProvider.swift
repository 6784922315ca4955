internal import Logging
public import Omnibus
internal import OmnibusReactor
internal import Synchronization

/// The credentials of one connection: got when they are first needed, once for all who wait, and anew before they end.
/// Those that there are go on being used as long as they are good.
public final class AWSCredentialProvider: Sendable {
  /// How long nobody tries again after getting others has failed, as long as the present ones are good: nanoseconds.
  private static let pause: UInt64 = 5_000_000_000
  /// How long before their end others are got, at the most: seconds.
  private static let margin = 300.0
  /// How long before their end they are not used any more: seconds.
  private static let reserve = 5.0

  private typealias Loading = Task<Result<AWSCredentials, Failure>, Never>

  private struct State {
    var credentials: AWSCredentials?
    /// When others are got, in seconds since 1970.
    var renewAt = Double.infinity
    var loading: Loading?
    var nextTry: UInt64 = 0
  }

  private let state = Mutex(State())
  private let source: CredentialSource
  private let loading: CredentialLoading
  private let reactors: ReactorGroup
  private let wallTime: @Sendable () -> Double

  init(
    _ source: CredentialSource, _ loading: CredentialLoading, _ reactors: ReactorGroup,
    wallTime: @escaping @Sendable () -> Double
  ) {
    self.source = source
    self.loading = loading
    self.reactors = reactors
    self.wallTime = wallTime
  }

  /// Credentials that are good now. Fails with `unauthorized` where there are none, and `unavailable` or `timeout` where
  /// who gives them cannot be reached.
  public func credentials(_ context: Context) async throws(Failure) -> AWSCredentials {
    let now = wallTime()
    let clock = context.clock.now
    let (credentials, loading) = state.withLock { state -> (AWSCredentials?, Loading?) in
      guard let credentials = state.credentials, now < (credentials.expiration ?? .infinity) - Self.reserve else {
        return (nil, state.loading ?? load(&state, context))
      }
      if now >= state.renewAt, clock >= state.nextTry, state.loading == nil { load(&state, context) }
      return (credentials, nil)
    }
    if let credentials { return credentials }
    guard let loading else { throw Failure(.internal, "there are no credentials, and none are got") }
    return try await loading.value.get()
  }

  /// Forgets credentials that the service did not take. Whoever asks next waits for others.
  public func drop(_ credentials: AWSCredentials) {
    state.withLock { state in
      if let present = state.credentials, present.areSame(as: credentials) { state.credentials = nil }
    }
  }

  /// Others than credentials that a service did not take, as far as there are any now; nil where there are none, and those
  /// that there are stay in use unless they were dropped.
  func others(than credentials: AWSCredentials, _ context: Context) async -> AWSCredentials? {
    let (present, loading) = state.withLock { state -> (AWSCredentials?, Loading?) in
      if let present = state.credentials, !present.areSame(as: credentials) { return (present, nil) }
      guard state.loading != nil || context.clock.now >= state.nextTry else { return (nil, nil) }
      return (nil, state.loading ?? load(&state, context))
    }
    if let present { return present }
    guard let found = try? await loading?.value.get() else { return nil }
    guard found.areSame(as: credentials) else { return found }
    // Who gives them out has no others, and is not asked again for each call that is refused.
    state.withLock { $0.nextTry = max($0.nextTry, context.clock.now &+ Self.pause) }
    return nil
  }

  /// Gets credentials for all who wait. It belongs to none of them, so that none who gives up takes it from the others.
  @discardableResult
  private func load(_ state: inout State, _ context: Context) -> Loading {
    let task = Loading(executorPreference: Reactor.current ?? reactors.next()) { [self] in
      do throws(Failure) {
        let credentials = try await loading.load(source)
        let now = wallTime()
        self.state.withLock { state in
          state.loading = nil
          state.credentials = credentials
          state.renewAt = credentials.expiration.map { $0 - min(($0 - now) / 4, Self.margin) } ?? .infinity
        }
        return .success(credentials)
      } catch {
        self.state.withLock { state in
          state.loading = nil
          state.nextTry = context.clock.now &+ Self.pause
        }
        context.logger.warning(
          "no credentials of AWS", metadata: ["failure": "\(error.kind.rawValue)", "reason": "\(error.reason)"])
        return .failure(error)
      }
    }
    state.loading = task
    return task
  }
}
