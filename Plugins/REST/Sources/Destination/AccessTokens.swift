internal import Logging
internal import Omnibus
internal import OmnibusHTTP
internal import OmnibusReactor
internal import Synchronization

/// The access token of one client at one authorization server, shared by all destinations of an engine that log in alike.
/// It is fetched once for all who wait for it, and renewed before it ends.
final class AccessTokens: Sendable {
  /// The largest answer of a token endpoint, in bytes.
  static let maxAnswer = 256 << 10
  /// How long nobody tries again after a renewal has failed, as long as the present token is good: nanoseconds.
  private static let renewalPause: UInt64 = 5_000_000_000

  private typealias Fetching = Task<Result<AccessToken, Failure>, Never>

  private struct State {
    var token: AccessToken?
    var fetching: Fetching?
    var count = 0
    var nextRenewal: UInt64 = 0
  }

  /// What makes two destinations ask for the same tokens.
  private struct Key: Hashable {
    let reactors: ObjectIdentifier
    let request: [String]
    let tls: TLSClientConfiguration
    let proxy: HTTPProxy
  }

  private struct Weak {
    weak var tokens: AccessTokens?
  }

  private static let shared = Mutex<[Key: Weak]>([:])

  private let request: HTTPClientRequest
  private let client: HTTPClient
  private let reactors: ReactorGroup
  private let state = Mutex(State())

  private init(_ request: HTTPClientRequest, _ reactors: ReactorGroup) {
    self.request = request
    self.reactors = reactors
    client = HTTPClient(reactors: reactors)
  }

  /// The tokens for `options`, the same for all who hold them at the same time on the same reactors, and who reach the
  /// endpoint in the same way: nobody is given what came by other authorities, as another, or on another way.
  static func shared(
    _ options: OAuth2Options, _ tls: TLSClientConfiguration, _ proxy: HTTPProxy, _ reactors: ReactorGroup
  ) -> AccessTokens {
    let parameters = options.parameters.entries.flatMap { [$0.key, $0.value] }
    let key = Key(
      reactors: ObjectIdentifier(reactors),
      request: [options.tokenUrl, options.clientId, options.clientSecret.reveal, options.clientAuth.rawValue]
        + ["\(options.scope.count)"] + options.scope + parameters, tls: tls, proxy: proxy)
    return shared.withLock { shared in
      if let tokens = shared[key]?.tokens { return tokens }
      let tokens = AccessTokens(options.request(tls, proxy), reactors)
      shared = shared.filter { $0.value.tokens != nil }
      shared[key] = Weak(tokens: tokens)
      return tokens
    }
  }

  /// The token, which is fetched where there is none that is good; one that is near its end is given while another is
  /// fetched.
  func token(_ context: Context) async throws(Failure) -> AccessToken {
    let now = context.clock.now
    let (token, fetching) = state.withLock { state -> (AccessToken?, Fetching?) in
      guard let token = state.token, now < token.expiresAt else {
        return (nil, state.fetching ?? fetch(&state, context))
      }
      if now >= token.renewAt, now >= state.nextRenewal, state.fetching == nil { fetch(&state, context) }
      return (token, nil)
    }
    if let token { return token }
    guard let fetching else { throw Failure(.internal, "there is no token, and none is fetched") }
    return try await fetching.value.get()
  }

  /// Forgets a token that the other side did not take.
  func drop(_ token: AccessToken) {
    state.withLock { state in
      if state.token?.number == token.number { state.token = nil }
    }
  }

  /// Fetches a token for all who wait. It belongs to none of them, so that none who gives up takes it from the others.
  @discardableResult
  private func fetch(_ state: inout State, _ context: Context) -> Fetching {
    state.count += 1
    let number = state.count
    let task = Fetching(executorPreference: Reactor.current ?? reactors.next()) { [self] in
      let sentAt = context.clock.now
      do throws(Failure) {
        let token = try await fetched(number, sentAt, context)
        self.state.withLock { state in
          state.fetching = nil
          state.token = token
        }
        return .success(token)
      } catch {
        self.state.withLock { state in
          state.fetching = nil
          state.nextRenewal = sentAt + Self.renewalPause
        }
        context.logger.warning(
          "no access token", metadata: ["failure": "\(error.kind.rawValue)", "reason": "\(error.reason)"])
        return .failure(error)
      }
    }
    state.fetching = task
    return task
  }

  private func fetched(
    _ number: Int, _ sentAt: UInt64, _ context: Context
  ) async throws(Failure) -> AccessToken {
    let response: HTTPClientResponse
    do throws(Failure) {
      response = try await client.send(request)
    } catch {
      // The message was not sent, and no more than a token was asked for: it can be tried again whatever became of it.
      let kind: Failure.Kind = error.kind == .timeout || error.kind == .cancelled ? error.kind : .unavailable
      throw Failure(kind, "no access token: \(error.reason)")
    }
    guard case .bytes(let answer) = response.body else {
      throw TokenRefusal(response, []).failure(wallTime: context.clock.wallTime)
    }
    guard response.status == 200 else {
      throw TokenRefusal(response, answer).failure(wallTime: context.clock.wallTime)
    }
    return try AccessToken(answer, number: number, sentAt: sentAt)
  }
}
